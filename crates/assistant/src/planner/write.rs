//! Writes answers. A figure can't be said without the place of a tool's result that it stands at.

mod figures;

use jiff::tz::TimeZone;
use serde_json::Value;

use super::outcome::Outcome;
use super::quote;
use crate::{Answer, AnswerKind, Citation, Part, Proposal};
pub(super) use figures::As;

/// Rows of a table at most.
const ROWS: usize = 10;
/// Failures that are told of at most.
const FAILURES: usize = 3;

/// A place in a result: which call, counted from the first of the topic's own, and where.
pub(super) type Place = (usize, String);

/// A column of a table: what stands above it, where its values stand in a row, and how they are shown.
pub(super) struct Column(pub(super) &'static str, pub(super) &'static str, pub(super) As);

/// An answer that is being written.
pub(super) struct Writer<'a> {
    outcomes: &'a [Outcome],
    /// How many calls were made before the topic's own.
    first: usize,
    zone: TimeZone,
    answer: Answer,
    rows: usize,
}

impl<'a> Writer<'a> {
    pub(super) fn new(outcomes: &'a [Outcome], first: usize, zone: TimeZone, rows: Option<usize>) -> Self {
        Self {
            outcomes,
            first,
            zone,
            answer: Answer::default(),
            rows: rows.unwrap_or(ROWS),
        }
    }

    /// The topic's own calls.
    pub(super) fn calls(&self) -> &'a [Outcome] {
        self.outcomes.get(self.first..).unwrap_or_default()
    }

    pub(super) fn call(&self, call: usize) -> Option<&'a Outcome> {
        self.calls().get(call)
    }

    /// Whether a call gave a result.
    pub(super) fn gave(&self, call: usize) -> bool {
        self.call(call).is_some_and(|outcome| outcome.result.is_ok())
    }

    pub(super) fn say(&mut self, text: &str) -> &mut Self {
        match self
            .answer
            .parts
            .last_mut()
            .filter(|part| part.citation.is_none())
        {
            Some(part) => part.text.push_str(text),
            None => self.answer.parts.push(Part {
                text: text.to_owned(),
                ..Part::default()
            }),
        }
        self
    }

    /// A name out of the question.
    pub(super) fn name(&mut self, name: &str) -> &mut Self {
        self.say(&quote::code(name))
    }

    /// The bucket that a call was about.
    pub(super) fn bucket(&mut self, call: usize) -> &mut Self {
        let bucket = self.bucket_of(call);
        self.name(&bucket)
    }

    pub(super) fn bucket_of(&self, call: usize) -> String {
        let args = self.call(call).map(|outcome| &outcome.call.args);
        let named = args.and_then(|args| {
            args.pointer("/bucket")
                .or_else(|| args.pointer("/source_bucket"))?
                .as_str()
        });
        named.unwrap_or("all buckets").to_owned()
    }

    /// The value at a place, with where it comes from. `–` where there is none.
    pub(super) fn figure(&mut self, call: usize, path: &str, form: As) -> &mut Self {
        let Some(outcome) = self.call(call) else {
            return self.say("–");
        };
        let Some((value, text)) = outcome
            .value(path)
            .and_then(|value| Some((value, self.show(outcome, value, form)?)))
        else {
            return self.say("–");
        };
        self.answer.citations.push(Citation {
            call: self.first + call,
            tool: outcome.call.tool.clone(),
            args: outcome.call.args.clone(),
            path: path.to_owned(),
            value: value.clone(),
            coverage: outcome.value("/coverage").cloned(),
            as_of: outcome
                .value("/as_of")
                .or_else(|| outcome.value("/coverage/as_of"))
                .cloned(),
        });
        self.answer.parts.push(Part {
            text,
            citation: Some(self.answer.citations.len() - 1),
            unbacked: false,
        });
        self
    }

    fn show(&self, outcome: &Outcome, value: &Value, form: As) -> Option<String> {
        let currency = outcome
            .text("/currency")
            .or_else(|| outcome.text("/price_list/currency"));
        figures::show(value, form, &self.zone, currency)
    }

    /// All rows of a list.
    pub(super) fn rows(&self, call: usize, path: &str) -> Vec<Place> {
        let outcome = self.call(call);
        outcome.map_or_else(Vec::new, |outcome| {
            outcome.rows(path).into_iter().map(|row| (call, row)).collect()
        })
    }

    /// The same list of every call, the largest by a value first.
    pub(super) fn ranked(&self, path: &str, by: &str) -> Vec<Place> {
        let calls = 0..self.calls().len();
        let mut rows: Vec<Place> = calls.flat_map(|call| self.rows(call, path)).collect();
        let value = |(call, row): &Place| {
            self.call(*call)
                .and_then(|outcome| outcome.number(&format!("{row}{by}")))
                .unwrap_or(0.0)
        };
        rows.sort_by(|a, b| value(b).total_cmp(&value(a)));
        rows
    }

    /// Leaves out rows whose name doesn't end so.
    pub(super) fn keep_ending(&self, rows: &mut Vec<Place>, name: &str, ending: &str) {
        let named = |(call, row): &Place| {
            self.call(*call)
                .and_then(|outcome| outcome.text(&format!("{row}{name}")))
        };
        rows.retain(|place| named(place).is_some_and(|name| name.to_lowercase().ends_with(ending)));
    }

    /// One row for each call that gave a result.
    pub(super) fn each(&self) -> Vec<Place> {
        (0..self.calls().len())
            .filter(|&call| self.gave(call))
            .map(|call| (call, String::new()))
            .collect()
    }

    pub(super) fn table(&mut self, rows: &[Place], columns: &[Column]) -> &mut Self {
        if rows.is_empty() {
            return self;
        }
        self.say("\n\n|");
        for Column(head, ..) in columns {
            self.say(&format!(" {head} |"));
        }
        self.say("\n|");
        for Column(_, _, form) in columns {
            self.say(if form.is_name() { " --- |" } else { " ---: |" });
        }
        for (call, row) in rows.iter().take(self.rows) {
            self.say("\n|");
            for Column(_, path, form) in columns {
                self.say(" ")
                    .figure(*call, &format!("{row}{path}"), *form)
                    .say(" |");
            }
        }
        self.say("\n");
        if rows.len() > self.rows {
            self.say("\nThe list goes on; these are the first.");
        }
        self.say("\n")
    }

    pub(super) fn suggest(&mut self, question: impl Into<String>) -> &mut Self {
        self.answer.suggestions.push(question.into());
        self
    }

    pub(super) fn propose(&mut self, proposal: Proposal) -> &mut Self {
        self.answer.proposal.get_or_insert(proposal);
        self
    }

    pub(super) fn is(&mut self, kind: AnswerKind) -> &mut Self {
        self.answer.kind = kind;
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.answer.parts.is_empty()
    }

    /// Tells of the topic's calls that gave nothing, and why.
    pub(super) fn failures(&mut self) {
        let mut told: Vec<&str> = Vec::new();
        for outcome in self.calls() {
            let Err(failure) = &outcome.result else {
                continue;
            };
            if told.contains(&failure.detail.as_str()) || told.len() >= FAILURES {
                continue;
            }
            told.push(&failure.detail);
            let hint = failure
                .hint
                .as_deref()
                .map_or_else(String::new, |hint| format!(" ({})", quote::sentence(hint)));
            self.say(&format!(
                "\n\nNot told by `{}`: {}{hint}.",
                outcome.call.tool,
                quote::sentence(&failure.detail)
            ));
        }
    }

    /// As of when the figures hold, of which period, and how much of the log that covers.
    pub(super) fn footer(&mut self) {
        let mut cited: Vec<usize> = self
            .answer
            .citations
            .iter()
            .map(|citation| citation.call)
            .collect();
        cited.sort_unstable();
        cited.dedup();
        let own: Vec<usize> = cited
            .iter()
            .filter_map(|call| call.checked_sub(self.first))
            .collect();
        let with = |path: &str| {
            own.iter().copied().find(|&call| {
                self.call(call)
                    .is_some_and(|outcome| outcome.value(path).is_some())
            })
        };
        let Some(dated) = with("/as_of")
            .or_else(|| with("/coverage/as_of"))
            .or_else(|| own.first().copied())
        else {
            return;
        };
        let incomplete = own.iter().copied().find(|&call| {
            self.call(call)
                .is_some_and(|outcome| outcome.value("/coverage/complete") == Some(&Value::Bool(false)))
        });
        let windowed = with("/window/from").or_else(|| with("/window/to"));
        let covered = with("/coverage/complete");
        self.say("\n\n");
        if let Some(call) = windowed {
            self.say("Period: ")
                .bound(call, "/window/from", "the beginning of the log")
                .say(" to ")
                .bound(call, "/window/to", "now")
                .say(". ");
        }
        for path in ["/as_of", "/coverage/as_of"] {
            if self
                .call(dated)
                .is_some_and(|outcome| outcome.value(path).is_some())
            {
                self.say("As of ").figure(dated, path, As::Time).say(". ");
                break;
            }
        }
        match (incomplete, covered) {
            (Some(call), _) => self.incomplete(call),
            (None, Some(_)) => {
                self.say("The access log of this period is complete.");
            }
            (None, None) => {}
        }
    }

    fn bound(&mut self, call: usize, path: &str, open: &str) -> &mut Self {
        match self.call(call).and_then(|outcome| outcome.value(path)) {
            Some(_) => self.figure(call, path, As::Time),
            None => self.say(open),
        }
    }

    fn incomplete(&mut self, call: usize) {
        self.say("The access log of this period is not complete");
        if self
            .call(call)
            .and_then(|outcome| outcome.value("/coverage/note"))
            .is_some()
        {
            self.say(": ").figure(call, "/coverage/note", As::Sentence);
        }
        self.say(".");
    }

    pub(super) fn done(self) -> Answer {
        self.answer
    }
}
