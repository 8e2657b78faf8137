//! Which topic a question is about, alone or with what was understood of the one before.

use super::super::entities::Subject;
use super::super::when::When;
use super::super::{topic, topics};
use super::{Dialogue, Understood};

/// Below this score a question is not understood.
const UNDERSTOOD: i32 = 5;
/// What begins with `and` goes on with the same topic unless another fits so well.
const WELL_UNDERSTOOD: i32 = 7;

impl Dialogue {
    /// The topic that fits best, alone or with what was understood before.
    pub(super) fn topic_of(&self, subject: Subject, when: When) -> Option<Understood> {
        let before = self.remembered.as_ref().filter(|before| !before.topic.is_empty());
        let pointed = match before.filter(|_| self.points_back()) {
            Some(before) => pointed_at(subject.clone(), &before.subject),
            None => subject.clone(),
        };
        let scored = topics::all().map(|topic| (topic::score(topic, &self.words, &pointed, &when), topic));
        // Of several that fit as well, the first in the list.
        let best = scored.reduce(|best, next| if next.0 > best.0 { next } else { best });
        let goes_on = before
            .and_then(|before| self.follow_up(before, best.map_or(0, |(score, _)| score), &subject, &when));
        if goes_on.is_some() {
            return goes_on;
        }
        let (_, topic) = best.filter(|(score, _)| *score >= UNDERSTOOD)?;
        let means = self.words.meanings.iter().copied().collect();
        Some(Understood {
            topic: topic.name,
            subject: pointed,
            when,
            means,
        })
    }

    /// Questions of the topics that fit best, where none fits well.
    pub(super) fn near(&self, subject: &Subject, when: &When) -> Vec<&'static str> {
        let mut scored: Vec<_> = topics::all()
            .map(|topic| (topic::nearness(topic, &self.words, subject, when), topic.example))
            .collect();
        scored.retain(|(nearness, _)| *nearness > 0);
        scored.sort_by_key(|(nearness, _)| std::cmp::Reverse(*nearness));
        scored.into_iter().take(4).map(|(_, example)| example).collect()
    }

    /// The question before, with what this one says otherwise.
    fn follow_up(
        &self,
        before: &Understood,
        score: i32,
        subject: &Subject,
        when: &When,
    ) -> Option<Understood> {
        let first = self.words.at(0);
        // Nothing else is asked: `who?`, `why is that?`
        let mut meanings = self.words.meanings.iter();
        let short = self.words.tokens.len() <= 4
            && meanings.all(|meaning| matches!(*meaning, "who" | "explain" | "list"));
        let topic = topics::named(before.topic)?;
        let bare = |word: &str| first == word && short && *subject == Subject::default();
        let explains = self.words.mean(&["explain"])
            && self.words.tokens.len() <= 6
            && self.points_back()
            && *subject == Subject::default();
        let turned = if bare("why") || explains {
            topic.why
        } else if bare("who") {
            topic.who
        } else {
            None
        };
        let (topic, means) = match turned {
            Some(name) => (name, before.means.clone()),
            None => {
                let led = matches!(
                    first,
                    "and" | "only" | "just" | "same" | "but" | "or" | "now" | "instead" | "also"
                ) || self.words.say_phrase("what about")
                    || self.words.say_phrase("how about");
                let says_something = *subject != Subject::default() || *when != When::default();
                let new_topic = score >= if led { WELL_UNDERSTOOD } else { UNDERSTOOD };
                if new_topic || !(led || says_something) {
                    return None;
                }
                let mut means = before.means.clone();
                means.extend(
                    self.words
                        .meanings
                        .iter()
                        .copied()
                        .filter(|meaning| !before.means.contains(meaning)),
                );
                (before.topic, means)
            }
        };
        let when = self.time_after(*when, &before.when);
        Some(Understood {
            topic,
            subject: subject.clone().or(&before.subject),
            when,
            means,
        })
    }

    /// The time of a question that goes on: what it leaves out is as it was before.
    fn time_after(&self, mut when: When, before: &When) -> When {
        if when.one_earlier {
            when.period = before
                .period
                .or_else(|| self.now.month(self.now.today()))
                .and_then(|period| period.one_earlier(&self.now));
        }
        let against = when.against.or(before.against.filter(|_| when.period.is_none()));
        When {
            period: when.period.or(before.period),
            against,
            days: when.days.or(before.days),
            ..when
        }
    }

    /// Words that point at what was spoken of.
    fn points_back(&self) -> bool {
        let words = &self.words;
        let things = [
            "",
            "bucket",
            "object",
            "file",
            "key",
            "ip",
            "address",
            "one",
            "prefix",
            "folder",
            "requester",
            "user",
            "delete",
        ];
        let at_thing = |pointer: &str| {
            (0..words.tokens.len())
                .any(|index| words.at(index) == pointer && things.contains(&words.at(index + 1)))
        };
        words.say(&["it", "its", "those", "these", "them", "they", "he", "she", "same"])
            || words.at(0) == "and"
            || ["this", "that", "the"].into_iter().any(at_thing)
    }
}

/// The names that the words pointing back stand for: not those that make another question.
fn pointed_at(subject: Subject, before: &Subject) -> Subject {
    let named = Subject {
        bucket: None,
        ..subject.clone()
    } != Subject::default();
    let mut pointed = Subject {
        rows: None,
        size: None,
        extension: None,
        ..before.clone()
    };
    if named {
        pointed = Subject {
            bucket: pointed.bucket,
            ..Subject::default()
        };
    }
    subject.or(&pointed)
}
