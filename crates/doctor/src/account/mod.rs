//! The checks of a deployed stack.

mod address;
mod alarms;
mod figures;
mod function;
mod functions;
mod identity;
mod keys;
mod limits;
mod lines;
mod outlets;
mod table;
mod traffic;
mod version;
mod waiting;

use futures_util::join;

use self::figures::Figures;
use super::check::Check;
use super::named;
use super::options::Options;
use super::routes::{self, Answers};
use super::run::{Group, each, guarded};
use operator::account::Deployed;
use operator::print::now;
use operator::target::Target;

/// Checks a deployed stack. `progress` is told how many of how many groups of checks are done.
pub(super) async fn checks(
    target: &Target,
    deployed: &Deployed,
    options: Options<'_>,
    progress: impl FnMut(u64, u64),
) -> Vec<Check> {
    let only = options.provider;
    let (routes, secrets) = (named::routes(target, only), named::secrets(target, only));
    let providers: Vec<String> = secrets.iter().map(|(name, _)| name.clone()).collect();
    let functions = function::of(deployed);
    // A receiver that is asleep starts for the POST, and then says its version.
    let answering = async {
        if options.no_post {
            return routes::looked(target.api()).await;
        }
        routes::asked(&routes, Some(&deployed.name)).await
    };
    let (answers, figures) = join!(
        guarded(answering),
        guarded(Figures::asked(deployed, &functions, &providers))
    );
    let answers = answers.unwrap_or_else(Answers::none);
    let figures = &figures.unwrap_or_else(|cause| Figures::none(deployed, cause));
    let (now, clocks, are_ours) = (now(), answers.clocks, answers.are_ours);
    let (secrets, providers, functions) = (&secrets, &providers, &functions);
    let tables = target.tables().dynamodb();
    let identity = async {
        vec![
            identity::account(deployed),
            identity::stack(deployed, providers),
        ]
    };
    let version = version::version(deployed, functions, options.version, now);
    let groups = vec![
        Group::new(&["account", "stack"], identity),
        Group::new(&["version"], async { vec![version.await] }),
        Group::new(
            &["functions"],
            functions::functions(deployed, functions, figures, now),
        ),
        Group::new(&["keys"], keys::keys(deployed, secrets, figures)),
        Group::new(&["rotation"], keys::rotation(deployed, secrets, now)),
        Group::new(&["routes"], async { answers.checks }),
        Group::new(&["url"], address::url(deployed, are_ours, now)),
        Group::new(&["accepted"], async {
            traffic::accepted(deployed, providers, figures, now)
        }),
        Group::new(
            &["refused"],
            traffic::refused(deployed, providers, figures, now),
        ),
        Group::new(&["dead"], async {
            vec![waiting::dead(target, figures).await]
        }),
        Group::new(&["queue"], waiting::queue(target, deployed, figures)),
        Group::new(&["outlets"], async {
            outlets::outlets(deployed, figures, now)
        }),
        Group::new(
            &["table"],
            table::table(deployed, &tables, target.table(), figures),
        ),
        Group::new(&["alarms", "told"], alarms::alarms(deployed)),
        Group::new(&["quota"], async { vec![limits::quota(deployed).await] }),
        Group::new(&["clock"], async { vec![limits::clock(clocks)] }),
    ];
    each(groups, progress).await
}
