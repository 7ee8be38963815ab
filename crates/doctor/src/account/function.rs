//! The functions of a stack.

use operator::account::Deployed;

/// A function of the stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Function {
    /// What it is for: a provider's name, or `consumer`.
    pub(super) name: String,
    /// Its name in the account.
    pub(super) physical: String,
    pub(super) log_group: String,
}

/// Returns the functions of a stack, by its resources.
pub(super) fn of(deployed: &Deployed) -> Vec<Function> {
    let functions = deployed.resources.iter().filter_map(|(id, physical)| {
        let name = id.strip_suffix("Function")?;
        // `ApiLogs` is the access log of the HTTP API, and not the log of `ApiFunction`.
        let logs = [format!("{id}Logs"), format!("{name}Logs")];
        let log_group = logs.iter().find_map(|logs| deployed.resources.get(logs))?;
        Some(Function {
            name: name.to_ascii_lowercase(),
            physical: physical.clone(),
            log_group: log_group.clone(),
        })
    });
    functions.collect()
}
