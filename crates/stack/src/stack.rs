//! The whole stack: gateway, functions, queue, poller and table. They are started in the order in
//! which they need each other.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use dynoxide::Database;
use sqs::Sqs;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::build::{BuildError, Program};
use crate::bus::{self, Bus};
use crate::clock::now;
use crate::data::Lock;
use crate::error::Error;
use crate::faults::{Faults, Service, front};
use crate::gateway::Gateway;
use crate::lambda::{Lambda, Settings};
use crate::options::Options;
use crate::outlets::{Outlets, hour};
use crate::ports::{address, bind, bind_any, bind_hidden};
use crate::secrets_manager;
use crate::settled::Work;
use crate::sources::Sources;
use crate::status::{Facts, status};
use crate::template::{Function, TEMPLATE, Template, providers};
use crate::visitor::only_here;
use crate::{data, dynamodb, queues, secrets};

/// The most instances of one function at once: enough to show concurrency, few enough for a laptop.
const INSTANCES: usize = 8;

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
    /// The event bus, if the template has one and it is here.
    pub bus: Option<Bus>,
    /// The event bus as the functions reach it, behind its faults.
    pub faulty_bus: SocketAddr,
    /// The faults in force. They may be changed while the stack runs.
    pub faults: Faults,
    /// The queues, for tests and the demo.
    pub queues: Sqs,
    /// The routes.
    pub routes: Vec<String>,
    /// The functions, by package.
    pub functions: BTreeMap<String, Arc<Lambda>>,
    /// The parts that tell others, if the stack has them.
    pub outlets: Option<Outlets>,
    work: Work,
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
        let faulty_bus = bind_any().await?;
        let folder = options.data.as_deref();
        let lock = folder
            .map(|folder| data::lock(folder, address(&api)?))
            .transpose()?;
        let queues = queues::open(folder)?;
        let mut stack = Self {
            api: address(&api)?,
            sqs: address(&sqs)?,
            dynamodb: address(&dynamodb)?,
            secrets_manager: address(&secrets_manager)?,
            faulty_sqs: address(&faulty_sqs)?,
            faulty_dynamodb: address(&faulty_dynamodb)?,
            bus: None,
            faulty_bus: address(&faulty_bus)?,
            faults: Faults::new(options.seed, options.faults.clone()),
            work: Work::new(&queues),
            queues,
            routes: Vec::new(),
            functions: BTreeMap::new(),
            outlets: None,
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
        let database = stack.serve_tables(tables, &template, options.data.as_deref())?;
        stack.serve_secrets(secrets_manager, &template, &options)?;
        stack.outlets = Outlets::of(&template);
        stack.serve_bus(faulty_bus, options.bus_at)?;
        stack.start_functions(&template, &options).await?;
        stack.serve_api(api, &template, &options);
        stack.invoke(&database, &template, &options)?;
        if let Some(outlets) = &stack.outlets {
            stack.work.leads_out(outlets.outbox_name());
        }
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
    ) -> Result<Database, Error> {
        let database = dynamodb::open(data)?;
        for (name, properties) in &template.tables {
            dynamodb::create_table(&database, name, properties)?;
        }
        // The service itself answers every page of the web, so it is where no page finds it.
        let service = front::to(address(&hidden)?);
        self.tasks.extend(dynamodb::serve(hidden, database.clone()));
        self.serve_faults(faulty, service.clone(), Service::Table)?;
        self.serve_here(listener, service)?;
        Ok(database)
    }

    fn serve_secrets(
        &mut self,
        listener: TcpListener,
        template: &Template,
        options: &Options,
    ) -> Result<(), Error> {
        let vault = secrets::vault(template, &options.secrets, options.data.as_deref())?;
        self.serve_here(listener, secrets_manager::router(&vault))
    }

    /// Serves the bus, if the template has one: its own, or the way to another one.
    fn serve_bus(
        &mut self,
        faulty: TcpListener,
        elsewhere: Option<SocketAddr>,
    ) -> Result<(), Error> {
        let outlets = self.outlets.as_ref();
        let Some(arn) = outlets.and_then(|outlets| outlets.bus.clone()) else {
            return Ok(());
        };
        if let Some(address) = elsewhere {
            return self.serve_faults(faulty, front::to(address), Service::Bus);
        }
        let bus = Bus::new(arn);
        self.bus = Some(bus.clone());
        self.serve_faults(faulty, bus::router(&bus), Service::Bus)
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
            let mut settings = self.settings(function, program.clone());
            settings.environment.extend(hour(function, options.hour));
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
            ("EVENTBRIDGE", self.faulty_bus),
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
            page: options.page.clone(),
            bus: self.bus.clone(),
        };
        self.tasks.push(tokio::spawn(gateway.serve(listener)));
    }

    /// Starts what invokes the functions besides the API.
    fn invoke(
        &mut self,
        database: &Database,
        template: &Template,
        options: &Options,
    ) -> Result<(), Error> {
        let sources = Sources {
            functions: &template.functions,
            running: &self.functions,
            faults: &self.faults,
            options,
        };
        self.tasks.extend(sources.poll(&self.queues)?);
        self.tasks.extend(sources.follow(database, &mut self.work)?);
        self.tasks.extend(sources.keep_time());
        Ok(())
    }

    /// Waits until every queue on the way into the table is empty.
    ///
    /// # Errors
    /// Returns [`Error::NotSettled`] if the queues are not empty after a minute.
    pub async fn settled(&self) -> Result<(), Error> {
        self.work.settled().await
    }

    /// Waits until all that is stored has been announced, and the outbox is empty. What waits for
    /// its next attempt elsewhere is not waited for.
    ///
    /// # Errors
    /// Returns an [`Error`] if the queues are not empty after a minute.
    pub async fn told(&self) -> Result<(), Error> {
        self.work.settled().await?;
        self.work.told().await
    }

    /// Returns how many webhooks are in the dead-letter queues. One that was put aside twice is
    /// one.
    #[must_use]
    pub fn dead_letters(&self) -> usize {
        self.work.dead_letters()
    }
}
