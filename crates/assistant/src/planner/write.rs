//! Writes answers. A figure can't be said without the place of a tool's result that it stands at.

mod figures;

use jiff::tz::TimeZone;
use serde_json::Value;

use super::outcome::Outcome;
use crate::checking::Source;
use crate::{Answer, AnswerKind, Part, Proposal, quote};
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
        // Paragraphs are parted by one empty line, however many say so.
        let ended = self.answer.parts.last().map_or("\n\n", |part| part.text.as_str());
        let breaks = ended.len() - ended.trim_end_matches('\n').len();
        let leading = text.len() - text.trim_start_matches('\n').len();
        let text = text
            .get((breaks + leading).saturating_sub(2).min(leading)..)
            .unwrap_or(text);
        if text.is_empty() {
            return self;
        }
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
        let value = value.clone();
        self.cite(call, path, value, text)
    }

    /// The sum of the same value of every call. It is bound to the largest of them; the others stand in the same answer.
    pub(super) fn sum(&mut self, path: &str, form: As) -> &mut Self {
        let whole = |call: usize| self.call(call)?.value(path)?.as_u64().map(|value| (value, call));
        let values: Vec<(u64, usize)> = (0..self.calls().len()).filter_map(whole).collect();
        let sum = values
            .iter()
            .fold(0_u64, |sum, (value, _)| sum.saturating_add(*value));
        let Some((largest, call)) = values.into_iter().max_by_key(|(value, _)| *value) else {
            return self.say("–");
        };
        match figures::show(&Value::from(sum), form, &self.zone, None) {
            Some(text) => self.cite(call, path, Value::from(largest), text),
            None => self.say("–"),
        }
    }

    fn cite(&mut self, call: usize, path: &str, value: Value, text: String) -> &mut Self {
        let Some(outcome) = self.call(call) else {
            return self.say("–");
        };
        let nothing = Value::Null;
        let source = Source {
            call: self.first + call,
            tool: &outcome.call.tool,
            args: &outcome.call.args,
            result: outcome.result.as_ref().unwrap_or(&nothing),
        };
        let citation = source.cite(path.to_owned(), value);
        self.answer.citations.push(citation);
        self.answer.parts.push(Part {
            text,
            citation: Some(self.answer.citations.len() - 1),
            unbacked: false,
        });
        self
    }

    fn show(&self, outcome: &Outcome, value: &Value, form: As) -> Option<String> {
        let currency = ["/currency", "/price_list/currency", "/saving/currency"]
            .iter()
            .find_map(|path| outcome.text(path));
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

    /// A table. The column of buckets stands only where there are several.
    pub(super) fn table(&mut self, rows: &[Place], columns: &[Column]) -> &mut Self {
        if rows.is_empty() {
            return self;
        }
        let one_bucket = rows
            .iter()
            .all(|(call, _)| rows.first().is_some_and(|(first, _)| first == call));
        let columns: Vec<&Column> = columns
            .iter()
            .filter(|Column(_, _, form)| *form != As::Bucket || !one_bucket)
            .collect();
        self.say("\n\n|");
        for Column(head, ..) in &columns {
            self.say(&format!(" {head} |"));
        }
        self.say("\n|");
        for Column(_, _, form) in &columns {
            self.say(if form.is_name() { " --- |" } else { " ---: |" });
        }
        for (call, row) in rows.iter().take(self.rows) {
            self.say("\n|");
            for Column(_, path, form) in &columns {
                self.say(" ");
                if *form == As::Bucket {
                    self.bucket(*call);
                } else {
                    self.figure(*call, &format!("{row}{path}"), *form);
                }
                self.say(" |");
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
        let mut own: Vec<usize> = self
            .answer
            .citations
            .iter()
            .filter_map(|citation| citation.call.checked_sub(self.first))
            .collect();
        own.sort_unstable();
        own.dedup();
        let with = |paths: &[&'static str]| {
            let found = own
                .iter()
                .flat_map(|&call| paths.iter().map(move |path| (call, *path)));
            found.into_iter().find(|&(call, path)| {
                self.call(call)
                    .is_some_and(|outcome| outcome.value(path).is_some())
            })
        };
        let is_incomplete = |call: &usize| {
            self.call(*call)
                .is_some_and(|outcome| outcome.value("/coverage/complete") == Some(&Value::Bool(false)))
        };
        let incomplete = own.iter().copied().find(is_incomplete);
        let windowed = with(&[
            "/window/from",
            "/window/to",
            "/coverage/window/from",
            "/coverage/window/to",
        ]);
        let dated = with(&["/as_of", "/coverage/as_of", "/after/coverage/as_of"]);
        let covered = with(&["/coverage/complete"]);
        self.say("\n\n");
        if let Some((call, path)) = windowed {
            let window = if path.starts_with("/coverage") {
                "/coverage/window"
            } else {
                "/window"
            };
            self.say("Period: ")
                .bound(call, &format!("{window}/from"), "the beginning of the log")
                .say(" to ");
            self.bound(call, &format!("{window}/to"), "now").say(". ");
        }
        if let Some((call, path)) = dated {
            self.say("As of ").figure(call, path, As::Time).say(". ");
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

    pub(super) fn done(mut self) -> Answer {
        if let Some(last) = self
            .answer
            .parts
            .last_mut()
            .filter(|part| part.citation.is_none())
        {
            last.text.truncate(last.text.trim_end().len());
        }
        self.answer
    }
}
