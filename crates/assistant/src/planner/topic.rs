//! What can be asked: each topic knows the words it is asked with, the tools it asks, and how its answer is written.

use serde_json::{Map, Value, json};

use super::entities::Subject;
use super::outcome::Outcome;
use super::when::{Now, Period, When};
use super::words::Words;
use super::write::Writer;
use crate::{Answer, Call};

/// Buckets that are asked at once at most, where a question is about all of them.
pub(super) const BUCKETS: usize = 12;

/// A kind of question.
pub(super) struct Topic {
    pub(super) name: &'static str,
    /// How it is asked, as combinations of meanings. All words of one must be meant, `a|b` is either; `+a` makes it likelier, `-a`
    /// unlikelier. `@ip` and the like are names in the question.
    pub(super) ways: &'static [&'static str],
    /// A question that leads here.
    pub(super) example: &'static str,
    /// What is asked next, given what was said.
    pub(super) next: fn(&Scene<'_>, &[Outcome]) -> Next,
    /// Writes the answer.
    pub(super) write: fn(&Scene<'_>, &mut Writer<'_>),
    /// What may be asked afterwards.
    pub(super) then: &'static [&'static str],
    /// Which topic answers a bare `why?` or `who?` after this one.
    pub(super) why: Option<&'static str>,
    pub(super) who: Option<&'static str>,
}

/// What comes next.
pub(super) enum Next {
    Calls(Vec<Call>),
    Write,
    /// Nothing need be asked, or something must be known first.
    Say(Box<Answer>),
}

/// What a topic knows of the question.
pub(super) struct Scene<'a> {
    pub(super) words: &'a Words,
    pub(super) subject: &'a Subject,
    pub(super) when: When,
    pub(super) now: &'a Now,
    /// The period on the page that is open.
    pub(super) open: Option<Period>,
    /// What it is about where the question names none: all buckets but those of logs and snapshots.
    pub(super) buckets: &'a [String],
}

impl Scene<'_> {
    /// Whether something of this is meant.
    pub(super) fn means(&self, any: &[&str]) -> bool {
        self.words.mean(any)
    }

    /// The size in the question, as units are written: `1 TB`, `1 TiB`.
    pub(super) fn size(&self) -> Option<String> {
        let size = self.subject.size.as_deref()?;
        Some(size.to_uppercase().replace("IB", "iB"))
    }

    /// The bucket, or all.
    pub(super) fn source(&self) -> &str {
        self.subject.bucket.as_deref().unwrap_or("*")
    }

    /// The bucket, or each: for tools that know no `all`.
    pub(super) fn each(&self) -> Vec<&str> {
        match &self.subject.bucket {
            Some(bucket) => vec![bucket],
            None => self.buckets.iter().take(BUCKETS).map(String::as_str).collect(),
        }
    }

    /// A call for the bucket, or one for each.
    pub(super) fn each_call(&self, tool: &str, args: impl Fn(&str) -> Value) -> Next {
        let calls: Vec<Call> = self
            .each()
            .into_iter()
            .map(|bucket| call(tool, args(bucket)))
            .collect();
        if calls.is_empty() {
            Next::Say(Box::new(super::chat::no_bucket()))
        } else {
            Next::Calls(calls)
        }
    }

    /// Arguments with the period that was asked about, else the one that is open, else so many minutes up to now.
    pub(super) fn during(&self, minutes: i64, args: Value) -> Value {
        let period = self
            .when
            .period
            .or(self.open)
            .unwrap_or_else(|| self.now.last_minutes(minutes));
        with_period(period, args)
    }

    /// Arguments with the period, where one was asked about.
    pub(super) fn if_during(&self, args: Value) -> Value {
        match self.when.period {
            Some(period) => with_period(period, args),
            None => args,
        }
    }
}

pub(super) fn with_period(period: Period, args: Value) -> Value {
    let mut args = match args {
        Value::Object(args) => args,
        _ => Map::new(),
    };
    for (name, moment) in [("from", period.from), ("to", period.to)] {
        if let Some(moment) = moment {
            args.insert(name.to_owned(), Value::String(moment.to_string()));
        }
    }
    Value::Object(args)
}

/// A call without the arguments that are absent.
pub(super) fn call(tool: &str, args: Value) -> Call {
    let mut args = args;
    if let Value::Object(given) = &mut args {
        given.retain(|_, value| !value.is_null());
    }
    Call {
        tool: tool.to_owned(),
        args,
    }
}

/// The same call or calls, then the answer: for topics of one step.
pub(super) fn once(said: &[Outcome], calls: impl FnOnce() -> Next) -> Next {
    if said.is_empty() { calls() } else { Next::Write }
}

pub(super) const DAY: i64 = 24 * 60;
pub(super) const WEEK: i64 = 7 * DAY;

/// Arguments that every inventory tool takes.
pub(super) fn in_bucket(scene: &Scene<'_>, bucket: &str) -> Value {
    json!({ "bucket": bucket, "prefix": scene.subject.prefix })
}

/// How well a question fits a topic.
pub(super) fn score(topic: &Topic, words: &Words, subject: &Subject, when: &When) -> i32 {
    topic
        .ways
        .iter()
        .map(|way| fit(way, words, subject, when))
        .max()
        .unwrap_or(0)
}

/// How many words of a topic are meant, where not enough are for its score.
pub(super) fn nearness(topic: &Topic, words: &Words, subject: &Subject, when: &When) -> usize {
    let meant = |term: &&str| {
        !term.starts_with('-')
            && term
                .trim_start_matches('+')
                .split('|')
                .any(|one| is_meant(one, words, subject, when))
    };
    let counted = topic
        .ways
        .iter()
        .map(|way| way.split_whitespace().filter(meant).count());
    counted.max().unwrap_or(0)
}

/// Meanings that hardly anybody's words have unless just that is asked about.
const TELLING: [&str; 33] = [
    "hog",
    "nobody",
    "cost",
    "egress",
    "noncurrent",
    "incomplete",
    "cold",
    "hot",
    "allowance",
    "anonymous",
    "forbidden",
    "sigv2",
    "tls",
    "first_time",
    "leak",
    "mass",
    "latency",
    "server_error",
    "not_found",
    "grow",
    "distribution",
    "lifecycle",
    "empty",
    "odd",
    "duplicate",
    "strange",
    "security",
    "subscription",
    "setting",
    "complete",
    "limit",
    "diff",
    "error",
];
const TELLS: i32 = 6;
const NAMES: i32 = 4;
const MUST: i32 = 3;
const MAY: i32 = 2;
const AGAINST: i32 = 5;

/// What a combination gains by a meaning that it must have.
fn weight(term: &str) -> i32 {
    match term {
        term if term.starts_with('@') => NAMES,
        term if TELLING.contains(&term) => TELLS,
        _ => MUST,
    }
}

fn fit(way: &str, words: &Words, subject: &Subject, when: &When) -> i32 {
    let gains = |term: &str| {
        let meant = term.split('|').filter(|one| is_meant(one, words, subject, when));
        meant.map(weight).max()
    };
    let mut score = 0;
    for term in way.split_whitespace() {
        if let Some(term) = term.strip_prefix('+') {
            score += gains(term).map_or(0, |_| MAY);
        } else if let Some(term) = term.strip_prefix('-') {
            score -= gains(term).map_or(0, |_| AGAINST);
        } else if let Some(gain) = gains(term) {
            score += gain;
        } else {
            return 0;
        }
    }
    score
}

fn is_meant(term: &str, words: &Words, subject: &Subject, when: &When) -> bool {
    match term {
        "@bucket" => subject.bucket.is_some(),
        "@key" => subject.key.is_some(),
        "@prefix" => subject.prefix.is_some(),
        "@ip" => subject.ip.is_some(),
        "@requester" => subject.requester.is_some(),
        "@access_key" => subject.access_key.is_some(),
        "@agent" => subject.agent.is_some(),
        "@type" => subject.extension.is_some(),
        "@size" => subject.size.is_some(),
        "@status" => subject.status.is_some(),
        "@period" => when.period.is_some(),
        "@against" => when.against.is_some(),
        term => words.mean(&[term]),
    }
}
