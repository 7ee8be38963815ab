//! What is asked about addresses: the items that count, and the answer of what was found of them.

use std::collections::{BTreeMap, BTreeSet};

use shared::event::{Channel, Reason, Scope};
use shared::providers;

use super::answer::{Answer, Because};
use crate::batch::{Found, LookUp};
use crate::item::Item;
use crate::keys::{Key, SUPPRESSION, suppression_key};
use crate::read::text;
use crate::recipient::Of;

/// What is asked of the event that a reason rests on.
const SAID: [&str; 4] = ["pk", "sk", "provider", "reason"];

/// What is asked about each address.
#[derive(Clone, PartialEq, Eq)]
pub struct Question {
    /// The channel.
    pub channel: Channel,
    /// The list, group, topic or stream that is to be sent to, besides all mail.
    pub scope: Option<Scope>,
    /// The reasons that do not count.
    pub ignore: Vec<Reason>,
}

impl Question {
    /// Returns the sort keys of the suppression items that count. Nobody says which provider an id
    /// of a list is of, so each is asked.
    fn sort_keys(&self) -> Vec<String> {
        let scopes = self.scope.iter().flat_map(|scope| {
            providers::all().filter_map(|provider| suppression_key(scope, provider))
        });
        std::iter::once(SUPPRESSION.to_owned())
            .chain(scopes)
            .collect()
    }

    /// Asks about one person.
    ///
    /// # Errors
    /// Returns an error if the table cannot be read.
    pub async fn one<T: LookUp>(&self, table: &T, of: &Of) -> Result<Answer, T::Error> {
        let address = of.name();
        let mut answers = self.each(table, &[(address, of)]).await?;
        Ok(answers
            .pop()
            .unwrap_or_else(|| Answer::of(address, None, &[])))
    }

    /// Asks about many, and returns the answers in their order. A reason is told with what the
    /// event says that it rests on.
    ///
    /// # Errors
    /// Returns an error if the table cannot be read.
    pub async fn each<T: LookUp>(
        &self,
        table: &T,
        who: &[(&str, &Of)],
    ) -> Result<Vec<Answer>, T::Error> {
        let mut answers = self.shortly(table, who).await?;
        tell(table, &mut answers).await?;
        Ok(answers)
    }

    /// Asks about many likewise, and does not look up what any event says: one read of at most a
    /// hundred keys.
    ///
    /// # Errors
    /// Returns an error if the table cannot be read.
    pub async fn shortly<T: LookUp>(
        &self,
        table: &T,
        who: &[(&str, &Of)],
    ) -> Result<Vec<Answer>, T::Error> {
        let keys: BTreeSet<Key> = who.iter().flat_map(|(_, of)| self.keys(of)).collect();
        let found = table.look_up(&keys, &[]).await?;
        let answers = who.iter();
        let answers = answers.map(|(address, of)| self.answer(address, of, &found));
        Ok(answers.collect())
    }

    /// Returns the keys of the items that count. There is none if nobody has this name in the
    /// channel.
    fn keys(&self, of: &Of) -> Vec<Key> {
        let sort_keys = self.sort_keys();
        let keys = of.keys(self.channel).into_iter();
        let keys = keys.flat_map(|pk| sort_keys.iter().map(move |sk| (pk.clone(), sk.clone())));
        keys.collect()
    }

    /// Returns the answer of what was found. One item that is not known is enough for none, unless
    /// another one says no.
    fn answer(&self, address: &str, of: &Of, found: &Found) -> Answer {
        let keys = self.keys(of);
        let items = keys.iter().filter_map(|key| found.items.get(key));
        let items: Vec<&Item> = items.collect();
        let is_known = !keys.is_empty() && keys.iter().all(|key| !found.unread.contains(key));
        let answer = Answer::of(address, Some(&items), &self.ignore);
        if is_known || answer.may_mail == Some(false) {
            return answer;
        }
        Answer {
            may_mail: None,
            ..answer
        }
    }
}

/// Adds to each reason what its event says, if it is still there.
async fn tell<T: LookUp>(table: &T, answers: &mut [Answer]) -> Result<(), T::Error> {
    let key = |because: &Because| (because.pk.clone(), because.event.clone());
    let reasons = answers.iter().flat_map(Answer::all_reasons);
    let keys: BTreeSet<Key> = reasons
        .filter(|because| !because.event.is_empty())
        .map(key)
        .collect();
    if keys.is_empty() {
        return Ok(());
    }
    let found: BTreeMap<Key, Item> = table.look_up(&keys, &SAID).await?.items;
    for because in answers.iter_mut().flat_map(Answer::all_reasons_mut) {
        let Some(event) = found.get(&key(because)) else {
            continue;
        };
        let said = |name: &str| Some(text(event, name).to_owned()).filter(|text| !text.is_empty());
        because.provider = said("provider");
        because.text = said("reason");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use aws_sdk_dynamodb::types::AttributeValue;

    use super::*;
    use crate::recipient::Recipient;

    fn key(sk: &str) -> Key {
        ("email#kim@mail.test".to_owned(), sk.to_owned())
    }

    #[test]
    fn what_the_table_does_not_say_is_never_a_yes() {
        let kim = Of::Recipient(Recipient::parse("kim@mail.test").unwrap());
        let question = Question {
            channel: Channel::Email,
            scope: Some(Scope::Group(Some("10".to_owned()))),
            ignore: Vec::new(),
        };
        let group = "suppression#group#sendgrid#10";
        let no = HashMap::from([("bounced".to_owned(), AttributeValue::Bool(true))]);
        let found = |has: &[&str], unread: &[&str]| Found {
            items: has.iter().map(|sk| (key(sk), no.clone())).collect(),
            unread: unread.iter().map(|sk| key(sk)).collect(),
        };
        for (has, unread, wanted) in [
            (&[][..], &[][..], Some(true)),
            (&[], &[SUPPRESSION], None),
            (&[], &[group], None),
            (&[SUPPRESSION], &[group], Some(false)),
            (&[group], &[SUPPRESSION], Some(false)),
        ] {
            let answer = question.answer("kim@mail.test", &kim, &found(has, unread));
            assert_eq!(answer.may_mail, wanted, "{has:?} {unread:?}");
        }
        // A number has no key in mail: there is nothing to ask.
        let number = Of::Recipient(Recipient::parse("+15550100").unwrap());
        let answer = question.answer("+15550100", &number, &found(&[], &[]));
        assert_eq!(answer.may_mail, None);
    }
}
