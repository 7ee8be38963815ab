//! The whole stack: gateway, functions, queue, poller and table. They are started in the order in
//! which they need each other.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use shared::dead_letter::FIRST_MESSAGE_ID;
use sqs::{Content, Sqs};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::build::{BuildError, Launcher, Program};
use crate::clock::now;
use crate::data::Lock;
use crate::error::Error;
use crate::faults::{Faults, Injection, Service, front};
use crate::gateway::Gateway;
use crate::lambda::{Lambda, Output, Settings};
use crate::live::Live;
use crate::poller::{Observer, Poller};
use crate::ports::{address, bind, bind_any, bind_hidden};
use crate::secrets_manager;
use crate::status::{Facts, status};
use crate::template::{Function, TEMPLATE, Template, providers};
use crate::visitor::only_here;
use crate::{data, dynamodb, queues};

/// The table service's port unless another one is asked for.
pub const DYNAMODB_PORT: u16 = 8000;

/// How long the stack may take to process what is in its queue.
const PATIENCE: Duration = Duration::from_mins(1);

/// The most instances of one function at once: enough to show concurrency, few enough for a laptop.
const INSTANCES: usize = 8;

/// How to start a stack.
#[derive(Clone)]
pub struct Options {
    /// The HTTP API's port. 0 stands for any free port.
    pub port: u16,
    /// The queue's port. 0 stands for any free port.
    pub sqs_port: u16,
    /// The table's port. 0 stands for any free port.
    pub dynamodb_port: u16,
    /// The secret that each receiver checks signatures with, by its function's name. It is put into
    /// the secrets service at the start. Unless the parameters choose others, these are the stack's
    /// providers.
    pub secrets: BTreeMap<String, String>,
    /// The template's parameters.
    pub parameters: Vec<(String, String)>,
    /// The folder that keeps the table and the queues between runs.
    pub data: Option<PathBuf>,
    /// The time after which a failed message is tried again.
    pub retry_after: Duration,
    /// Finds the functions' programs.
    pub launcher: Launcher,
    /// Called with the function and each line that it prints.
    pub output: Output,
    /// Called for every message that the consumer has handled.
    pub observer: Observer,
    /// Where what happens is told.
    pub live: Live,
    /// The faults that are in force from the start.
    pub faults: Vec<Injection>,
    /// The seed that the faults' choices follow from.
    pub seed: u64,
}

/// A running stack. Dropping it stops everything.
pub struct Stack {
    /// The HTTP API.
    pub api: SocketAddr,
    /// The queue service.
    pub sqs: SocketAddr,
    /// The table service.
    pub dynamodb: SocketAddr,
    /// The service of the secrets.
    pub secrets_manager: SocketAddr,
    /// The queue service as the functions reach it, behind its faults.
    pub faulty_sqs: SocketAddr,
    /// The table service as the functions reach it, behind its faults.
    pub faulty_dynamodb: SocketAddr,
    /// The faults in force. They may be changed while the stack runs.
    pub faults: Faults,
    /// The queues, for tests and the demo.
    pub queues: Sqs,
    /// The routes.
    pub routes: Vec<String>,
    /// The functions, by package.
    pub functions: BTreeMap<String, Arc<Lambda>>,
    tasks: Vec<JoinHandle<()>>,
    /// Ends with the stack: another one may use the folder then.
    _lock: Option<Lock>,
}

impl Drop for Stack {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Stack {
    /// Starts everything and returns when the stack can receive its first webhook.
    ///
    /// # Errors
    /// Returns an [`Error`] that names what is missing.
    pub async fn start(options: Options) -> Result<Self, Error> {
        // Ports come first, so that a busy one is known before anything is built.
        let api = bind(options.port, "--port").await?;
        let sqs = bind(options.sqs_port, "--sqs-port").await?;
        let dynamodb = bind(options.dynamodb_port, "--dynamodb-port").await?;
        let secrets_manager = bind_any().await?;
        let faulty_sqs = bind_any().await?;
        let faulty_dynamodb = bind_any().await?;
        let folder = options.data.as_deref();
        let lock = folder
            .map(|folder| data::lock(folder, address(&api)?))
            .transpose()?;
        let mut stack = Self {
            api: address(&api)?,
            sqs: address(&sqs)?,
            dynamodb: address(&dynamodb)?,
            secrets_manager: address(&secrets_manager)?,
            faulty_sqs: address(&faulty_sqs)?,
            faulty_dynamodb: address(&faulty_dynamodb)?,
            faults: Faults::new(options.seed, options.faults.clone()),
            queues: queues::open(options.data.as_deref())?,
            routes: Vec::new(),
            functions: BTreeMap::new(),
            tasks: Vec::new(),
            _lock: lock,
        };
        let sqs_url = format!("http://{}", stack.sqs);
        let mut parameters = vec![
            providers(options.secrets.keys().map(String::as_str)),
            ("SesConfigurationSet".to_owned(), "new".to_owned()),
        ];
        parameters.extend(options.parameters.iter().cloned());
        let template = Template::parse(TEMPLATE, &parameters, &sqs_url)?;

        stack.serve_queues(sqs, faulty_sqs, &template)?;
        let tables = [dynamodb, faulty_dynamodb, bind_hidden().await?];
        stack.serve_tables(tables, &template, options.data.as_deref())?;
        stack.serve_secrets(secrets_manager, &template, &options)?;
        stack.start_functions(&template, &options).await?;
        stack.serve_api(api, &template, &options);
        stack.poll_queues(&template, &options)?;
        Ok(stack)
    }

    fn serve_queues(
        &mut self,
        listener: TcpListener,
        faulty: TcpListener,
        template: &Template,
    ) -> Result<(), Error> {
        queues::create(&self.queues, &template.queues)?;
        let router = sqs::http::router(&self.queues);
        self.serve_faults(faulty, router.clone(), Service::Queue)?;
        self.serve_here(listener, router)
    }

    fn serve_faults(
        &mut self,
        listener: TcpListener,
        router: Router,
        service: Service,
    ) -> Result<(), Error> {
        let port = address(&listener)?.port();
        let router = only_here(front::behind(router, service, self.faults.clone()), port);
        self.tasks
            .push(tokio::spawn(front::serve(listener, router)));
        Ok(())
    }

    /// Serves what nobody but this machine may reach.
    fn serve_here(&mut self, listener: TcpListener, router: Router) -> Result<(), Error> {
        let router = only_here(router, address(&listener)?.port());
        self.tasks.push(tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        }));
        Ok(())
    }

    fn serve_tables(
        &mut self,
        [listener, faulty, hidden]: [TcpListener; 3],
        template: &Template,
        data: Option<&Path>,
    ) -> Result<(), Error> {
        let database = dynamodb::open(data)?;
        for (name, properties) in &template.tables {
            dynamodb::create_table(&database, name, properties)?;
        }
        // The service itself answers every page of the web, so it is where no page finds it.
        let service = front::to(address(&hidden)?);
        self.tasks.extend(dynamodb::serve(hidden, database));
        self.serve_faults(faulty, service.clone(), Service::Table)?;
        self.serve_here(listener, service)
    }

    fn serve_secrets(
        &mut self,
        listener: TcpListener,
        template: &Template,
        options: &Options,
    ) -> Result<(), Error> {
        let vault = secrets_manager::of(template, &options.secrets)?;
        self.serve_here(listener, secrets_manager::router(&vault))
    }

    async fn start_functions(
        &mut self,
        template: &Template,
        options: &Options,
    ) -> Result<(), Error> {
        let packages: Vec<String> = template
            .functions
            .iter()
            .map(|f| f.package.clone())
            .collect();
        let launcher = Arc::clone(&options.launcher);
        let found = tokio::task::spawn_blocking(move || {
            let packages: Vec<&str> = packages.iter().map(String::as_str).collect();
            launcher(&packages)
        });
        let programs = found.await.map_err(|_| BuildError::Stopped)??;
        for function in &template.functions {
            let Some(program) = programs.get(&function.package) else {
                continue;
            };
            let settings = self.settings(function, program.clone());
            let lambda = Arc::new(Lambda::new(settings, Arc::clone(&options.output)));
            lambda.warm().await?;
            self.functions.insert(function.package.clone(), lambda);
        }
        Ok(())
    }

    fn settings(&self, function: &Function, program: Program) -> Settings {
        let mut environment = function.environment.clone();
        for (service, address) in [
            ("SQS", self.faulty_sqs),
            ("DYNAMODB", self.faulty_dynamodb),
            ("SECRETS_MANAGER", self.secrets_manager),
        ] {
            let variable = format!("AWS_ENDPOINT_URL_{service}");
            environment.insert(variable, format!("http://{address}"));
        }
        Settings {
            name: function.package.clone(),
            program,
            environment,
            timeout: function.timeout,
            memory: function.memory,
            concurrency: INSTANCES,
            faults: self.faults.clone(),
        }
    }

    fn serve_api(&mut self, listener: TcpListener, template: &Template, options: &Options) {
        let mut routes = Vec::new();
        for function in &template.functions {
            let Some(lambda) = self.functions.get(&function.package) else {
                continue;
            };
            for route in &function.routes {
                self.routes.push(route.path.clone());
                routes.push((route.clone(), Arc::clone(lambda)));
            }
        }
        let facts = Facts {
            api: self.api,
            dynamodb: self.dynamodb,
            secrets_manager: self.secrets_manager,
            sqs: self.sqs,
            since: now(),
            data: options.data.clone(),
        };
        let status = status(template, &facts);
        let gateway = Gateway {
            routes,
            status,
            port: self.api.port(),
            live: options.live.clone(),
        };
        self.tasks.push(tokio::spawn(gateway.serve(listener)));
    }

    fn poll_queues(&mut self, template: &Template, options: &Options) -> Result<(), Error> {
        let sources = template.functions.iter().flat_map(|function| {
            let sources = function.sources.iter();
            sources.map(move |source| (function, source))
        });
        for (function, source) in sources {
            let Some(lambda) = self.functions.get(&function.package) else {
                continue;
            };
            let queue = self.queues.queue(&source.queue);
            let queue = queue.ok_or_else(|| Error::NoQueue(source.queue.clone()))?;
            let poller = Poller {
                queue,
                source: source.clone(),
                function: Arc::clone(lambda),
                retry_after: options.retry_after,
                observer: Arc::clone(&options.observer),
                faults: self.faults.clone(),
            };
            self.tasks.push(tokio::spawn(poller.run()));
        }
        Ok(())
    }

    /// Waits until every queue that has a consumer is empty.
    ///
    /// # Errors
    /// Returns [`Error::NotSettled`] if the queues are not empty after a minute.
    pub async fn settled(&self) -> Result<(), Error> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.messages(|has_dead_letters| has_dead_letters).len() {
                0 => return Ok(()),
                left if Instant::now() > deadline => {
                    return Err(Error::NotSettled {
                        left,
                        patience: PATIENCE,
                    });
                }
                _ => sleep(Duration::from_millis(50)).await,
            }
        }
    }

    /// Returns how many webhooks are in the dead-letter queues. One that was put aside twice is
    /// one.
    #[must_use]
    pub fn dead_letters(&self) -> usize {
        let contents = self.messages(|has_dead_letters| !has_dead_letters);
        let letters = contents.iter();
        let (known, others): (Vec<_>, Vec<_>) = letters
            .map(|content| content.message())
            .map(|message| (message.text(FIRST_MESSAGE_ID), &message.body))
            .partition(|(first_id, _)| first_id.is_some());
        known.into_iter().collect::<BTreeSet<_>>().len() + others.len()
    }

    /// Returns the messages in the queues that have a dead-letter queue of their own, or in those
    /// that have none.
    fn messages(&self, is_wanted: impl Fn(bool) -> bool) -> Vec<Arc<Content>> {
        let queues = self.queues.names();
        let queues = queues.iter().filter_map(|name| self.queues.queue(name));
        let wanted = queues.filter(|queue| {
            let settings = queue.settings();
            settings.is_ok_and(|settings| is_wanted(settings.redrive.is_some()))
        });
        let contents = wanted.filter_map(|queue| queue.contents().ok());
        contents.flatten().collect()
    }
}
