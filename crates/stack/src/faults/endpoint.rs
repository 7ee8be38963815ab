//! An endpoint that gets notifications, and ails: what a subscriber of Postern does to it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep};

use super::connection::{Connection, Resettable};
use super::fault::{Ailment, Fault, Injection};
use super::in_force::Faults;

/// The largest body that is read: much more than a notification may have.
const BODY_LIMIT: usize = 1024 * 1024;
/// How long a request hangs: longer than anyone waits.
const HANG: Duration = Duration::from_mins(2);
/// Where a redirect points to: to the endpoint itself, so that it is seen if anybody follows.
const ELSEWHERE: HeaderValue = HeaderValue::from_static("/elsewhere");

/// A request that the endpoint got.
pub struct Post {
    /// The path and the query.
    pub path: String,
    /// The headers, in order, with lower-case names.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The status that answers it. `None` if no answer comes.
    pub status: Option<u16>,
}

/// Called for every request, before it is answered.
pub type Receive = Arc<dyn Fn(Post) + Send + Sync>;

/// An endpoint, with the faults that it has. Clones share them.
#[derive(Clone)]
pub struct Endpoint {
    faults: Faults,
    hour: Duration,
    down: Arc<Mutex<Down>>,
    /// What it answers when nothing ails it.
    status: StatusCode,
    receive: Receive,
}

#[derive(Default)]
struct Down {
    until: Option<Instant>,
    /// Whether it is in force.
    is_set: bool,
    struck: u64,
}

impl Endpoint {
    /// Returns an endpoint that answers `status`, and tells `receive` of every request. An hour of
    /// its faults lasts `hour`.
    #[must_use]
    pub fn new(status: u16, seed: u64, hour: Duration, receive: Receive) -> Self {
        Self {
            faults: Faults::new(seed, Vec::new()),
            hour,
            down: Arc::default(),
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::OK),
            receive,
        }
    }

    /// Puts the faults of an endpoint among these in force, and no others. It goes down
    /// when that comes into force, and stays down until its time is over, even if it is given no
    /// faults.
    pub fn set(&self, faults: &[Injection]) {
        let own = faults
            .iter()
            .filter(|injection| matches!(injection.fault, Fault::Endpoint(_)));
        let own: Vec<Injection> = own.copied().collect();
        let is_down = |injection: &&Injection| injection.fault == Fault::Endpoint(Ailment::Down);
        let injected = own.iter().find(is_down);
        let mut down = self.down();
        if let Some(injected) = injected.filter(|_| !down.is_set) {
            let lasts = injected.within.as_secs_f64() / 3600.0;
            down.until = Some(Instant::now() + self.hour.mul_f64(lasts));
        }
        down.is_set = injected.is_some();
        drop(down);
        self.faults.set(own);
    }

    /// Returns how often each fault has struck, by its name.
    #[must_use]
    pub fn struck(&self) -> Vec<(&'static str, u64)> {
        let down = (Fault::Endpoint(Ailment::Down).name(), self.down().struck);
        let others = self.faults.struck().into_iter();
        others
            .map(|(fault, count)| (fault.name(), count))
            .chain([down].into_iter().filter(|(_, count)| *count > 0))
            .collect()
    }

    /// Serves it on `listener` until the task is aborted.
    pub async fn serve(self, listener: TcpListener) {
        let router = Router::new().fallback(meet).with_state(self);
        let router = router.into_make_service_with_connect_info::<Connection>();
        let _ = axum::serve(Resettable(listener), router).await;
    }

    /// Decides whether it is down for this request.
    fn is_down(&self) -> bool {
        let mut down = self.down();
        let is_down = down.until.is_some_and(|until| Instant::now() < until);
        down.struck += u64::from(is_down);
        is_down
    }

    fn strikes(&self, ailment: Ailment) -> bool {
        self.faults.strike(Fault::Endpoint(ailment)).is_some()
    }

    /// Returns the status that answers the next request, or `None` if no answer comes, and why.
    fn ails(&self) -> (Option<StatusCode>, Option<Ailment>) {
        let of = |ailment| Some(ailment).filter(|ailment| self.strikes(*ailment));
        let ails = of(Ailment::Hang)
            .or_else(|| of(Ailment::Error))
            .or_else(|| of(Ailment::Redirect))
            .or_else(|| of(Ailment::Drop));
        let status = match ails {
            None => Some(self.status),
            Some(Ailment::Error) => Some(StatusCode::INTERNAL_SERVER_ERROR),
            Some(Ailment::Redirect) => Some(StatusCode::TEMPORARY_REDIRECT),
            Some(_) => None,
        };
        (status, ails)
    }

    fn down(&self) -> MutexGuard<'_, Down> {
        self.down.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn meet(
    State(endpoint): State<Endpoint>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    request: Request,
) -> Response {
    if endpoint.is_down() || endpoint.strikes(Ailment::Reset) {
        connection.reset();
        return Response::default();
    }
    let slow = Fault::Endpoint(Ailment::Slow);
    if let Some(slow) = endpoint.faults.strike(slow) {
        sleep(slow.within).await;
    }
    let (status, ails) = endpoint.ails();
    (endpoint.receive)(read(request, status).await);
    match ails {
        Some(Ailment::Hang) => sleep(HANG).await,
        Some(Ailment::Drop) => connection.reset(),
        _ => {}
    }
    let mut response = Response::default();
    *response.status_mut() = status.unwrap_or(StatusCode::OK);
    if ails == Some(Ailment::Redirect) {
        response.headers_mut().insert(header::LOCATION, ELSEWHERE);
    }
    response
}

/// Reads a request that is answered `status`.
async fn read(request: Request, status: Option<StatusCode>) -> Post {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path_and_query();
    let headers = parts.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), value)
    });
    Post {
        path: path.map_or_else(String::new, |path| path.as_str().to_owned()),
        headers: headers.collect(),
        // A body that does not end has no right signature.
        body: to_bytes(body, BODY_LIMIT)
            .await
            .unwrap_or_default()
            .to_vec(),
        status: status.map(|status| status.as_u16()),
    }
}
