//! `events`: prints what happened to one person, or in the whole table.

use jiff::Timestamp;
use operator::asked::{self, Asked};
use operator::events::{Events, Of, Selection, Timeline, details, happened, when, who};
use operator::may_mail::Question;
use operator::print::now;
use operator::recipient::Recipient;
use operator::{Error, Exit, Target};
use serde_json::json;
use shared::event::Channel;
use table::announced::Announced;
use table::item::Item;
use table::read::text;
use table::timeline::Span;

use super::target::TargetArgs;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::Output;
use crate::words::{in_order, time};

const EXAMPLES: &str = "Examples:
  postern events kim@mail.test
  postern events kim@mail.test --kind bounced --kind complained --from 2026-01-02
  postern events --customer 4711 --json
  postern events --provider sendgrid --from 1h";

/// Show what happened to one person, the newest first
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    /// An address in any spelling, a telephone number or a device token
    #[arg(value_name = "ADDRESS")]
    address: Option<String>,
    /// Somebody whom events name only by your own id
    #[arg(long, value_name = "ID", conflicts_with = "address")]
    customer: Option<String>,
    /// Only this kind; may be repeated
    #[arg(long, value_name = "KIND")]
    kind: Vec<String>,
    /// Only this provider's; may be repeated
    #[arg(long, value_name = "NAME")]
    provider: Vec<String>,
    /// Only in this channel
    #[arg(long, value_name = "CHANNEL")]
    channel: Option<String>,
    /// Only since this time: 2026-01-02, RFC 3339, 2h, yesterday
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<Timestamp>,
    /// Only before this time
    #[arg(long, value_name = "TIME", value_parser = time)]
    to: Option<Timestamp>,
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = limit)]
    limit: usize,
    /// Go on where a list ended: the `next` of its last line
    #[arg(long, value_name = "NEXT")]
    next: Option<String>,
    /// With what the provider sent
    #[arg(long)]
    raw: bool,
    /// Read the whole table of a deployed stack, where nobody is named
    #[arg(long, conflicts_with_all = ["address", "customer"])]
    scan: bool,
    #[command(flatten)]
    target: TargetArgs,
}

/// Reads how many lines are wanted.
pub(super) fn limit(text: &str) -> Result<usize, String> {
    let limit = text.parse().ok().filter(|limit| *limit > 0);
    limit.ok_or_else(|| "expected a number from 1".to_owned())
}

/// Prints the events, each as a row or as a line of JSON.
pub(super) async fn run(
    args: Args,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    // What was typed is read before anything is asked of a stack.
    let of = of(&args)?;
    let selection = selection(&args)?;
    let target = args.target.reading(out, environment).await?;
    let events = target.events();
    let found = match &of {
        Some(of) => {
            let progress = out.progress("reading events", None);
            let tell = |read| progress.set(read);
            events.timeline(of, &selection, args.limit, tell).await?
        }
        None => whole(&args, &target, &events, &selection, out).await?,
    };
    let (count, read) = (found.newest.count, found.read);
    let items = found.newest.kept();
    show(&items, count, of.is_some(), args.raw, out)?;
    let note = match &of {
        Some(of) => about(&events, of, &selection, read).await?,
        None => String::new(),
    };
    if read > 0 || note.is_empty() {
        out.note(&format!("{}{note}", counted(items.len(), count, read)));
    } else {
        out.note(&note);
    }
    Ok(Exit::Done)
}

/// Reads whose events are wanted.
fn of(args: &Args) -> Result<Option<Of>, Error> {
    Ok(match (&args.address, &args.customer) {
        (Some(address), _) => Some(Of::Recipient(Recipient::parse(address)?)),
        (None, Some(id)) if id.trim().is_empty() => return Err(Asked::Customer(id.clone()).into()),
        (None, Some(id)) => Some(Of::Customer(id.clone())),
        (None, None) => None,
    })
}

fn selection(args: &Args) -> Result<Selection, CommandError> {
    in_order(args.from, args.to)?;
    let read = || -> Result<Selection, Asked> {
        let kinds = args.kind.iter().map(|word| asked::kind(word));
        let providers = args.provider.iter().map(|word| asked::provider(word));
        Ok(Selection {
            kinds: kinds.collect::<Result<_, _>>()?,
            providers: providers.collect::<Result<_, _>>()?,
            channel: args.channel.as_deref().map(asked::channel).transpose()?,
            span: Span {
                from: args.from,
                to: args.to,
                before: args.next.as_deref().map(asked::next).transpose()?,
            },
            now: now(),
        })
    };
    Ok(read().map_err(Error::from)?)
}

/// Reads the whole table: of a deployed stack only if that is asked for, because it costs money.
async fn whole(
    args: &Args,
    target: &Target,
    events: &Events,
    selection: &Selection,
    out: &Output,
) -> Result<Timeline, CommandError> {
    let (items, bytes) = events.estimate().await?;
    if target.local_stack().is_none() && !args.scan {
        return Err(Error::from(Asked::WholeTable { items, bytes }).into());
    }
    let progress = out.progress("reading the table", Some(items).filter(|items| *items > 0));
    let tell = |read| progress.set(read);
    Ok(events.selected(selection, args.limit, tell).await?)
}

fn show(
    items: &[Item],
    count: usize,
    is_of_one: bool,
    with_raw: bool,
    out: &Output,
) -> Result<(), CommandError> {
    let announced = if with_raw {
        Announced::with_raw
    } else {
        Announced::of
    };
    let events = items.iter().filter_map(announced);
    if !out.is_json() {
        let rows = events.map(|event| row(&event, is_of_one, with_raw, out));
        let mut header = vec!["time", "what", "provider", "message", "details"];
        if !is_of_one {
            header.insert(1, "who");
        }
        if with_raw {
            header.push("raw");
        }
        out.rows(&header, rows.collect());
        return Ok(());
    }
    for event in events {
        out.json(&event)?;
    }
    if let Some(last) = items.last().filter(|_| items.len() < count) {
        out.json(&json!({"more": true, "next": asked::end(text(last, "sk"))}))?;
    }
    Ok(())
}

fn row(event: &Announced, is_of_one: bool, with_raw: bool, out: &Output) -> Vec<String> {
    let mut row = vec![
        when(event.text("occurred_at"), out.is_terminal()),
        happened(event),
        event.text("provider").to_owned(),
        event.text("message_id").to_owned(),
        details(event),
    ];
    if !is_of_one {
        row.insert(1, who(event).to_owned());
    }
    if with_raw {
        row.push(event.text("raw").to_owned());
    }
    row
}

/// Says how many events are shown, of how many.
fn counted(shown: usize, count: usize, read: usize) -> String {
    if shown < count {
        return format!("{shown} of {count} events, UTC; all of them: --limit {count}.");
    }
    format!("{shown} of {read} events, UTC.")
}

/// Says whether the person may be mailed, or that nothing is stored of them.
async fn about(
    events: &Events,
    of: &Of,
    selection: &Selection,
    read: usize,
) -> Result<String, CommandError> {
    let question = Question {
        channel: selection.channel.unwrap_or(Channel::Email),
        scope: None,
        ignore: Vec::new(),
    };
    let keys = of.keys(question.channel);
    let answer = question.one(events, of).await?;
    let is_bare = answer.reasons.is_empty() && read == 0;
    if is_bare && selection.span == Span::default() {
        return Ok(nothing(of, selection));
    }
    let about = match question.channel {
        _ if keys.is_empty() => String::new(),
        Channel::Email => format!(" May mail: {}", answer.sentence()),
        other => format!(" May send ({}): {}", other.name(), answer.sentence()),
    };
    let counted = counted(0, 0, 0);
    Ok(if read == 0 {
        format!("{counted}{about}")
    } else {
        about
    })
}

/// Says under which key nothing is stored, because a letter may be missing in it.
fn nothing(of: &Of, selection: &Selection) -> String {
    let channels = selection.channels();
    let keys = channels.iter().flat_map(|channel| of.keys(*channel));
    let key = keys.into_iter().next().unwrap_or_default();
    let channels = match channels.len() {
        1 => String::new(),
        number => format!(" ({number} channels)"),
    };
    format!("nothing is stored under {key}{channels}: is it spelled so?")
}
