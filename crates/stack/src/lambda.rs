//! Runs a Lambda function on this machine: the real binary behind a Runtime API of its own.
//!
//! As on AWS, an instance handles one invocation at a time. If all instances are busy, another one
//! is started. If an instance dies or times out, its invocation fails and the instance is replaced.

use std::collections::BTreeMap;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::build::Program;
use crate::faults::{Fault, Faults, Strike};
use crate::runtime_api::{self, Invocation};
pub use crate::runtime_api::{InvokeError, PAYLOAD_BYTES};
use crate::visitor::only_here;

/// How long a function may take from exec to its first request for work.
const INIT_TIMEOUT: Duration = Duration::from_secs(10);
/// Called with the function's name and each line that an instance prints.
pub type Output = Arc<dyn Fn(&str, &str) + Send + Sync>;

/// How to run a function.
#[derive(Clone)]
pub struct Settings {
    /// The package's name, for messages and `AWS_LAMBDA_FUNCTION_NAME`.
    pub name: String,
    /// The program that is started.
    pub program: Program,
    /// The function's environment, added to what Lambda gives every function.
    pub environment: BTreeMap<String, String>,
    /// The time after which an invocation is killed.
    pub timeout: Duration,
    /// The memory in megabytes.
    pub memory: u64,
    /// The most instances at once.
    pub concurrency: usize,
    /// The faults that may strike an instance.
    pub faults: Faults,
}

/// A function and its instances.
pub struct Lambda {
    settings: Settings,
    output: Output,
    idle: Mutex<Vec<Instance>>,
    permits: Semaphore,
}

struct Instance {
    child: Child,
    work: mpsc::Sender<Invocation>,
    runtime_api: JoinHandle<()>,
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.runtime_api.abort();
    }
}

impl Lambda {
    /// Returns a function that has no instance yet.
    #[must_use]
    pub fn new(settings: Settings, output: Output) -> Self {
        let permits = Semaphore::new(settings.concurrency.max(1));
        Self {
            settings,
            output,
            idle: Mutex::new(Vec::new()),
            permits,
        }
    }

    /// Starts one instance ahead of the first invocation. If the function cannot start, this shows
    /// it at once.
    ///
    /// # Errors
    /// Returns [`InvokeError::NotStarted`] if the instance does not ask for work.
    pub async fn warm(&self) -> Result<(), InvokeError> {
        let instance = self.start().await?;
        self.keep(instance);
        Ok(())
    }

    /// Invokes the function and returns its answer.
    ///
    /// # Errors
    /// Returns an [`InvokeError`] if the function cannot be started or does not answer.
    pub async fn invoke(&self, payload: Bytes) -> Result<Bytes, InvokeError> {
        self.invoke_as(uuid::Uuid::new_v4().to_string(), payload)
            .await
    }

    /// Invokes the function under this id, which its log line has, and returns its answer.
    ///
    /// # Errors
    /// Returns an [`InvokeError`] if the function cannot be started or does not answer.
    pub async fn invoke_as(&self, id: String, payload: Bytes) -> Result<Bytes, InvokeError> {
        let _permit = self.permits.acquire().await; // never closed
        let mut instance = match self.take_idle() {
            Some(instance) => instance,
            None => self.start().await?,
        };
        let mut kill = self.settings.faults.strike(Fault::FunctionKill);
        let (answer, answered) = oneshot::channel();
        let invocation = Invocation {
            id,
            payload,
            deadline: wall_clock() + self.settings.timeout,
            answer,
        };
        let _ = instance.work.send(invocation).await; // A dead instance is noticed below.
        let mut result = tokio::select! {
            answer = answered => answer.unwrap_or_else(|_| Err(InvokeError::Died("no answer".to_owned()))),
            status = instance.child.wait() => Err(InvokeError::Died(describe(status))),
            () = sleep(kill.as_mut().map_or(self.settings.timeout, Strike::delay)) => Err(InvokeError::TimedOut),
        };
        if kill.is_some() {
            // The work may already be done. The answer is lost all the same.
            result = Err(InvokeError::Died("killed".to_owned()));
        }
        // As on AWS, the instance is reused if the function reported the error itself.
        if matches!(result, Ok(_) | Err(InvokeError::Reported)) {
            self.keep(instance);
        } else {
            let _ = instance.child.kill().await;
        }
        result
    }

    /// Returns how the function is run.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns the process ids of the idle instances, for tests that kill them.
    #[must_use]
    pub fn idle_processes(&self) -> Vec<u32> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.iter().filter_map(|i| i.child.id()).collect()
    }

    fn keep(&self, instance: Instance) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(instance);
    }

    /// Takes the instance that was used last, if it is alive.
    fn take_idle(&self) -> Option<Instance> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(mut instance) = idle.pop() {
            if matches!(instance.child.try_wait(), Ok(None)) {
                return Some(instance);
            }
        }
        None
    }

    async fn start(&self) -> Result<Instance, InvokeError> {
        let name = &self.settings.name;
        let not_started = |why: String| InvokeError::NotStarted(name.clone(), why);
        let io = |error: std::io::Error| not_started(error.to_string());
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(io)?;
        let address = listener.local_addr().map_err(io)?;
        let (work, invocations) = mpsc::channel(1);
        let (asked, first_ask) = oneshot::channel();
        let arn = format!("arn:aws:lambda:us-east-1:000000000000:function:{name}");
        // A page of the web must not take a webhook in the function's place.
        let router = runtime_api::router(invocations, asked, arn);
        let router = only_here(router, address.port());
        let runtime_api = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        let mut child = self.command(&address.to_string()).spawn().map_err(io)?;
        self.follow(child.stdout.take());
        self.follow(child.stderr.take());
        let asked = tokio::select! {
            asked = timeout(INIT_TIMEOUT, first_ask) => asked.is_ok_and(|asked| asked.is_ok()),
            status = child.wait() => {
                runtime_api.abort();
                return Err(not_started(describe(status)));
            }
        };
        let instance = Instance {
            child,
            work,
            runtime_api,
        };
        if asked {
            Ok(instance)
        } else {
            Err(not_started(format!(
                "no request for work in {INIT_TIMEOUT:?}"
            )))
        }
    }

    fn command(&self, runtime_api: &str) -> Command {
        let settings = &self.settings;
        let mut command = Command::new(&settings.program.path);
        command
            .args(&settings.program.arguments)
            .env_clear()
            .envs(&settings.environment)
            .env("AWS_LAMBDA_RUNTIME_API", runtime_api)
            .env("AWS_LAMBDA_FUNCTION_NAME", &settings.name)
            .env(
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
                settings.memory.to_string(),
            )
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env(
                "AWS_LAMBDA_LOG_GROUP_NAME",
                format!("/aws/lambda/{}", settings.name),
            )
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "local")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "local")
            .env("AWS_SECRET_ACCESS_KEY", "local")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    fn follow(&self, stream: Option<impl AsyncRead + Unpin + Send + 'static>) {
        let Some(stream) = stream else { return };
        let (output, name) = (Arc::clone(&self.output), self.settings.name.clone());
        tokio::spawn(async move {
            let mut lines = BufReader::new(stream).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                output(&name, &line);
            }
        });
    }
}

fn describe(status: std::io::Result<ExitStatus>) -> String {
    status.map_or_else(|error| error.to_string(), |status| status.to_string())
}

#[expect(
    clippy::disallowed_methods,
    reason = "Lambda's deadline is a wall-clock time"
)]
fn wall_clock() -> SystemTime {
    SystemTime::now()
}
