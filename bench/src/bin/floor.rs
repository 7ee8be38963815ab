//! The floor: a `lambda_http` function that reads the gateway's event and answers 200. What a
//! function on this runtime costs before it does anything.

use lambda_http::{Body, Error, Request, Response, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_http::run(service_fn(answer)).await
}

async fn answer(_request: Request) -> Result<Response<Body>, Error> {
    Ok(Response::new(Body::Empty))
}
