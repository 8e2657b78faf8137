//! What a right answer holds.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;
use spacewatch_assistant::{AnswerKind, Made};

use crate::said::{self, Line};
use crate::truth::Period;

/// How far a figure may be from the truth.
const WITHIN: f64 = 0.01;
/// How far a moment may be, in seconds.
const SECONDS: i64 = 60;
/// How far one that is told by the hour may be.
const HOUR: i64 = 3_600;

/// What an answer must hold to be right.
#[derive(Debug, Clone, Default)]
pub struct Expected {
    /// Its kind is one of these.
    pub(crate) kinds: Vec<AnswerKind>,
    pub(crate) facts: Vec<Fact>,
    /// Of each of these, one must stand in the text.
    pub(crate) words: Vec<Vec<String>>,
    /// None of these may.
    pub(crate) never: Vec<String>,
    /// What it is about: named in the text or in what tools were asked.
    pub(crate) about: Vec<String>,
    /// The periods that tools must have been asked about.
    pub(crate) periods: Vec<Period>,
    /// It rests on the access log, and must say how much of it was read.
    pub(crate) covered: bool,
}

/// Something that must be said.
#[derive(Debug, Clone)]
pub struct Fact {
    /// What it is.
    pub(crate) what: String,
    /// The names it must stand beside.
    pub(crate) beside: Vec<String>,
    pub(crate) sought: Sought,
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Sought {
    /// This count, exactly.
    Exactly(u64),
    /// This figure, within 1 %.
    About(f64),
    /// This moment, to the minute.
    At(Timestamp),
    /// This moment, to the hour.
    WithinTheHour(Timestamp),
    /// Nothing but the names themselves.
    Named,
}

impl Expected {
    pub(crate) fn answered() -> Self {
        Self::of(&[AnswerKind::Answered])
    }

    pub(crate) fn of(kinds: &[AnswerKind]) -> Self {
        Self {
            kinds: kinds.to_vec(),
            ..Self::default()
        }
    }

    pub(crate) fn covered(mut self) -> Self {
        self.covered = true;
        self
    }

    pub(crate) fn during(mut self, period: Period) -> Self {
        self.periods.push(period);
        self
    }

    pub(crate) fn about(mut self, name: &str) -> Self {
        self.about.push(name.to_owned());
        self
    }

    pub(crate) fn count(self, what: &str, beside: &[&str], count: usize) -> Self {
        self.fact(what, beside, Sought::Exactly(count as u64))
    }

    pub(crate) fn figure(self, what: &str, beside: &[&str], figure: f64) -> Self {
        self.fact(what, beside, Sought::About(figure))
    }

    pub(crate) fn bytes(self, what: &str, beside: &[&str], bytes: u64) -> Self {
        self.figure(what, beside, bytes as f64)
    }

    pub(crate) fn at(self, what: &str, beside: &[&str], second: i64) -> Self {
        self.fact(what, beside, Sought::At(crate::Truth::moment(second)))
    }

    pub(crate) fn within_the_hour(self, what: &str, beside: &[&str], second: i64) -> Self {
        self.fact(what, beside, Sought::WithinTheHour(crate::Truth::moment(second)))
    }

    /// All of these stand together.
    pub(crate) fn named(self, what: &str, names: &[&str]) -> Self {
        self.fact(what, names, Sought::Named)
    }

    fn fact(mut self, what: &str, beside: &[&str], sought: Sought) -> Self {
        self.facts.push(Fact {
            what: what.to_owned(),
            beside: beside.iter().map(|name| (*name).to_owned()).collect(),
            sought,
        });
        self
    }

    /// One of these stands in the text.
    pub(crate) fn says(mut self, any: &[&str]) -> Self {
        self.words
            .push(any.iter().map(|word| (*word).to_owned()).collect());
        self
    }

    pub(crate) fn never(mut self, word: &str) -> Self {
        self.never.push(word.to_owned());
        self
    }

    /// Why an answer is wrong; nothing where it is right.
    pub(crate) fn faults(&self, made: &Made, zone: &TimeZone) -> Vec<String> {
        let answer = &made.answer;
        let mut faults = Vec::new();
        if !self.kinds.contains(&answer.kind) {
            faults.push(format!("it is {:?}, not {:?}", answer.kind, self.kinds));
        }
        let text = answer.text().to_lowercase();
        let lines = said::lines(answer, zone);
        faults.extend(self.facts.iter().filter_map(|fact| fact.fault(&lines)));
        for any in &self.words {
            if !any.iter().any(|word| text.contains(&word.to_lowercase())) {
                faults.push(format!("it says none of {any:?}"));
            }
        }
        let said = self
            .never
            .iter()
            .filter(|word| text.contains(&word.to_lowercase()));
        faults.extend(said.map(|word| format!("it says `{word}`")));
        faults.extend(self.scope_faults(made));
        let unbacked = answer.parts.iter().filter(|part| part.unbacked);
        faults.extend(unbacked.map(|part| format!("no tool gave `{}`", part.text.trim())));
        faults
    }

    fn scope_faults(&self, made: &Made) -> Vec<String> {
        let answer = &made.answer;
        let text = answer.text();
        let mut faults = Vec::new();
        for name in &self.about {
            let asked = |args: &Value| {
                args.as_object()
                    .is_some_and(|args| args.values().any(|value| value == name))
            };
            if !text.contains(name) && !answer.citations.iter().any(|citation| asked(&citation.args)) {
                faults.push(format!("it isn't about `{name}`"));
            }
        }
        for period in &self.periods {
            if !answer
                .citations
                .iter()
                .any(|citation| is_of(&citation.args, *period))
            {
                let from = crate::Truth::moment(period.from);
                faults.push(format!("nothing in it is of the period from {from}"));
            }
        }
        if self.covered
            && !answer
                .citations
                .iter()
                .any(|citation| citation.coverage.is_some())
        {
            faults.push("it doesn't say how much of the log was read".to_owned());
        }
        let dated = |citation: &spacewatch_assistant::Citation| citation.as_of.is_some();
        if !self.facts.is_empty() && !answer.citations.iter().any(dated) && !text.contains("As of") {
            faults.push("it doesn't say as of when".to_owned());
        }
        faults
    }
}

/// Whether a tool was asked about this period.
fn is_of(args: &Value, period: Period) -> bool {
    let near = |name: &str, second: i64| {
        let moment = args
            .get(name)
            .and_then(Value::as_str)
            .and_then(|text| text.parse::<Timestamp>().ok());
        match moment {
            Some(moment) => (moment.as_second() - second).abs() <= SECONDS,
            None => second == i64::MAX,
        }
    };
    near("from", period.from) && near("to", period.to)
}

impl Fact {
    fn fault(&self, lines: &[Line]) -> Option<String> {
        let beside = lines
            .iter()
            .filter(|line| self.beside.iter().all(|name| line.names(name)));
        let mut met = false;
        let mut nearest: Option<f64> = None;
        for line in beside {
            met |= self.sought.is_in(line);
            nearest = nearer(nearest, &line.figures, &self.sought);
        }
        if met {
            return None;
        }
        let place = if self.beside.is_empty() {
            String::new()
        } else {
            format!(" beside {}", self.beside.join(", "))
        };
        let instead = nearest.map_or_else(String::new, |figure| format!(", the nearest is {figure}"));
        Some(match &self.sought {
            Sought::Exactly(count) => format!("{}: {count} is not told{place}{instead}", self.what),
            Sought::About(figure) => format!("{}: {figure} is not told{place}{instead}", self.what),
            Sought::At(moment) | Sought::WithinTheHour(moment) => {
                format!("{}: {moment} is not told{place}", self.what)
            }
            Sought::Named => format!("{}: nothing is told{place}", self.what),
        })
    }
}

fn nearer(nearest: Option<f64>, figures: &[f64], sought: &Sought) -> Option<f64> {
    let target = match sought {
        Sought::Exactly(count) => *count as f64,
        Sought::About(figure) => *figure,
        Sought::At(_) | Sought::WithinTheHour(_) | Sought::Named => return None,
    };
    let all = nearest.into_iter().chain(figures.iter().copied());
    all.min_by(|a, b| (a - target).abs().total_cmp(&(b - target).abs()))
}

impl Sought {
    fn is_in(&self, line: &Line) -> bool {
        match self {
            Self::Named => true,
            Self::Exactly(count) => line
                .figures
                .iter()
                .any(|figure| (figure - *count as f64).abs() < 0.5),
            Self::About(truth) => {
                let within = (truth.abs() * WITHIN).max(0.005);
                line.figures.iter().any(|figure| (figure - truth).abs() <= within)
            }
            Self::At(truth) => is_near(line, *truth, SECONDS),
            Self::WithinTheHour(truth) => is_near(line, *truth, HOUR),
        }
    }
}

fn is_near(line: &Line, truth: Timestamp, seconds: i64) -> bool {
    let mut moments = line.moments.iter();
    moments.any(|moment| (moment.as_second() - truth.as_second()).abs() <= seconds)
}
