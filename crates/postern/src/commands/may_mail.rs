//! `may-mail`: says whether addresses may be mailed.

use std::fs::File;
use std::io::{BufRead, BufReader};

use operator::asked::{self, Asked};
use operator::events::{Events, Of, when};
use operator::may_mail::{Answer, Counts, Question, Row, Verdict, crowd, last_delivered, rows};
use operator::print::printable;
use operator::recipient::Recipient;
use operator::{Error, Exit};
use shared::address::AddressError;
use shared::event::Channel;

use super::target::TargetArgs;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::Output;

const EXAMPLES: &str = "Examples:
  postern may-mail kim@mail.test
  postern may-mail kim@mail.test --ignore unsubscribed     a mail that they asked for
  postern may-mail kim@mail.test --scope group:1234
  postern may-mail --file crm.csv --column email --only yes > mailable.txt";

const EXITS: &str =
    "Exit code: 0 all may be mailed; 1 one must not, or is no address; 3 of one it is not known.";

/// Say whether addresses may be mailed, and why not
#[derive(clap::Args)]
#[command(before_help = EXAMPLES, after_help = EXITS)]
pub(crate) struct Args {
    /// Addresses, in any spelling
    #[arg(
        value_name = "ADDRESS",
        conflicts_with = "file",
        required_unless_present = "file"
    )]
    addresses: Vec<String>,
    /// A list: an address a line, or with --column a CSV; - is standard input
    #[arg(long, value_name = "FILE")]
    file: Option<String>,
    /// The column of the CSV with the addresses
    #[arg(long, value_name = "NAME", requires = "file")]
    column: Option<String>,
    /// Print only those addresses of the list that may be mailed, or must not, as they are in it
    #[arg(
        long,
        value_name = "yes|no",
        requires = "file",
        hide_possible_values = true
    )]
    only: Option<Only>,
    /// The channel; mail if it is not said
    #[arg(long, value_name = "CHANNEL")]
    channel: Option<String>,
    /// A reason that does not count; may be repeated
    #[arg(long, value_name = "REASON")]
    ignore: Vec<String>,
    /// The list, group, topic or stream to be sent to: group:1234
    #[arg(long, value_name = "KIND:ID")]
    scope: Option<String>,
    #[command(flatten)]
    target: TargetArgs,
}

/// Which addresses of a list are printed.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Only {
    /// Those that may be mailed.
    Yes,
    /// Those that must not.
    No,
}

impl Args {
    fn question(&self) -> Result<Question, Asked> {
        let channel = self.channel.as_deref().map(asked::channel).transpose()?;
        let ignore = self.ignore.iter().map(|word| asked::reason(word));
        Ok(Question {
            channel: channel.unwrap_or(Channel::Email),
            scope: self.scope.as_deref().map(asked::scope).transpose()?,
            ignore: ignore.collect::<Result<_, _>>()?,
        })
    }
}

/// Prints the answers, and sums them up in the exit code.
pub(super) async fn run(
    args: Args,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    let question = args.question().map_err(Error::from)?;
    let Some(file) = &args.file else {
        let people = people(&args.addresses, question.channel)?;
        let events = args.target.reading(out, environment).await?.events();
        return one_by_one(&args, &events, &question, &people, out).await;
    };
    let list = rows(file, open(file)?, args.column.as_deref()).map_err(Error::from)?;
    let events = args.target.reading(out, environment).await?.events();
    let progress = out.progress("asked about", None);
    let (mut done, mut failed) = (0, None);
    let counts = crowd(&events, &question, list, |row, answer| {
        done += 1;
        progress.set(done);
        let printed = answer.map_or(Ok(()), |answer| print(row, answer, args.only, out));
        failed = failed.take().or(printed.err());
    })
    .await?;
    drop(progress);
    if let Some(error) = failed {
        return Err(error.into());
    }
    let left_out = if counts.no_address > 0 {
        ": not in the output"
    } else {
        ""
    };
    out.note(&format!("{}{left_out}", counts.text()));
    if done == 0 {
        return Err(CommandError::NobodyAsked(file.clone()));
    }
    Ok(exit(&counts))
}

/// Opens the list.
fn open(file: &str) -> Result<Box<dyn BufRead>, Error> {
    if file == "-" {
        return Ok(Box::new(BufReader::new(std::io::stdin())));
    }
    let opened = File::open(file).map_err(|cause| Asked::File {
        file: file.to_owned(),
        cause,
    })?;
    Ok(Box::new(BufReader::new(opened)))
}

/// Reads the addresses. One that is none is a slip of the pen, and nothing is asked.
fn people(addresses: &[String], channel: Channel) -> Result<Vec<Of>, Error> {
    let people = addresses.iter().map(|text| {
        let recipient = Recipient::parse(text)?;
        if recipient.keys(channel).is_empty() {
            return Err(Error::Address {
                text: text.clone(),
                reason: AddressError::NoAddress,
            });
        }
        Ok(Of::Recipient(recipient))
    });
    people.collect()
}

async fn one_by_one(
    args: &Args,
    events: &Events,
    question: &Question,
    people: &[Of],
    out: &Output,
) -> Result<Exit, CommandError> {
    let who: Vec<(&str, &Of)> = people.iter().map(|of| (of.name(), of)).collect();
    let answers = question.each(events, &who).await?.into_iter();
    let answers = answers.zip(&args.addresses);
    let answers = answers.map(|(answer, text)| answer.asked_as(text.trim()));
    let mut counts = Counts::default();
    let mut rows = Vec::new();
    for (answer, of) in answers.zip(people) {
        counts.count(&answer);
        if out.is_json() {
            out.json(&answer)?;
            continue;
        }
        if answer.all_reasons().next().is_some() || answer.verdict() != Verdict::Yes {
            rows.extend(reasons(&answer, &answer.address, out.is_terminal()));
        } else {
            let last = last(events, of, question.channel, out).await?;
            rows.push(vec!["yes".to_owned(), answer.address.clone(), last]);
        }
    }
    if !out.is_json() {
        out.rows(&["", "address", "why", "provider", "in its words"], rows);
    }
    Ok(exit(&counts))
}

/// Says when a message was last delivered.
async fn last(
    events: &Events,
    of: &Of,
    channel: Channel,
    out: &Output,
) -> Result<String, CommandError> {
    let (last, is_known) = last_delivered(events, of, channel).await?;
    Ok(match last {
        Some(time) => format!("last delivered {}", when(&time, out.is_terminal())),
        None if is_known => "nothing was delivered yet".to_owned(),
        None => {
            let key = of.keys(channel).into_iter().next().unwrap_or_default();
            format!("nothing is stored under {key}: is it spelled so?")
        }
    })
}

/// Returns a row for each reason that stands, or one without a reason.
fn reasons(answer: &Answer, address: &str, is_terminal: bool) -> Vec<Vec<String>> {
    let counted = answer.reasons.iter().map(|because| (because, ""));
    let ignored = answer.ignored.iter().map(|because| (because, ", ignored"));
    let row = |why: String, provider: Option<&str>, text: Option<&str>| {
        vec![
            answer.verdict().word().to_owned(),
            address.to_owned(),
            why,
            provider.unwrap_or_default().to_owned(),
            text.unwrap_or_default().to_owned(),
        ]
    };
    let rows = counted.chain(ignored).map(|(because, note)| {
        let why = format!("{}{note}", because.line(is_terminal));
        row(why, because.provider.as_deref(), because.text.as_deref())
    });
    let rows: Vec<Vec<String>> = rows.collect();
    if rows.is_empty() {
        return vec![row(String::new(), None, None)];
    }
    rows
}

/// Prints the answer for a row of a list.
fn print(
    row: &Row,
    answer: &Answer,
    only: Option<Only>,
    out: &Output,
) -> Result<(), serde_json::Error> {
    let is_wanted = match only {
        None => true,
        Some(Only::Yes) => answer.verdict() == Verdict::Yes,
        Some(Only::No) => answer.verdict() == Verdict::No,
    };
    if !is_wanted {
        return Ok(());
    }
    if out.is_json() {
        return out.json(answer);
    }
    if only.is_some() {
        out.line(&printable(&row.text));
        return Ok(());
    }
    // The rows come one by one, so that no table can be fitted around them.
    for cells in reasons(answer, &row.text, false) {
        let cells: Vec<String> = cells.iter().map(|cell| printable(cell)).collect();
        out.line(cells.join("\t").trim_end());
    }
    Ok(())
}

fn exit(counts: &Counts) -> Exit {
    if counts.not_known > 0 {
        Exit::Unreachable
    } else if counts.no > 0 || counts.no_address > 0 {
        Exit::No
    } else {
        Exit::Done
    }
}
