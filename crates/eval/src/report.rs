//! What came of it.

use std::collections::BTreeSet;
use std::fmt::{self, Write};

use serde::Serialize;

use crate::Group;

/// How many of so many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Score {
    /// Right answers.
    pub right: usize,
    /// All answers.
    pub of: usize,
}

/// A question and what its answer was worth.
#[derive(Debug, Clone, Serialize)]
pub struct Answered {
    /// Which question.
    pub id: String,
    /// What it is about.
    pub group: Group,
    /// Whether it is one of the numbered ones.
    pub numbered: bool,
    /// Which wording, counted from 0: the set's own.
    pub wording: usize,
    /// The wording.
    pub question: String,
    /// Who answered.
    pub by: String,
    /// How long that took.
    pub took_ms: u64,
    /// Figures that no tool gave.
    pub unbacked: usize,
    /// Why the answer is wrong; nothing where it is right.
    pub faults: Vec<String>,
    /// The answer.
    pub answer: String,
}

impl Default for Answered {
    fn default() -> Self {
        Self {
            id: String::new(),
            group: Group::Talk,
            numbered: false,
            wording: 0,
            question: String::new(),
            by: String::new(),
            took_ms: 0,
            unbacked: 0,
            faults: Vec::new(),
            answer: String::new(),
        }
    }
}

impl Answered {
    /// Whether it was right.
    pub fn is_right(&self) -> bool {
        self.faults.is_empty()
    }
}

/// The score of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupScore {
    /// Which.
    pub group: Group,
    /// In the wordings of the set.
    pub first: Score,
    /// In other words.
    pub reworded: Score,
    /// The time of its slowest answer.
    pub slowest_ms: u64,
}

/// The whole score.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Who answered.
    pub by: Vec<String>,
    /// All answers.
    pub all: Score,
    /// The numbered questions in the wording of the set.
    pub numbered: Score,
    /// The numbered questions in other words.
    pub reworded: Score,
    /// Everything else: follow-ups and everyday words.
    pub others: Score,
    /// By group.
    pub groups: Vec<GroupScore>,
    /// Figures that no tool gave.
    pub unbacked: usize,
    /// The middle of all times.
    pub median_ms: u64,
    /// Each answer.
    pub answers: Vec<Answered>,
}

impl Score {
    fn of<'a>(answers: impl Iterator<Item = &'a Answered>) -> Self {
        let mut score = Self::default();
        for answer in answers {
            score.of += 1;
            score.right += usize::from(answer.is_right());
        }
        score
    }

    /// Right answers in a hundred; all of none.
    pub fn percent(self) -> f64 {
        if self.of == 0 {
            return 100.0;
        }
        self.right as f64 * 100.0 / self.of as f64
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.of {
            0 => f.pad("–"),
            of => f.pad(&format!("{} of {of}", self.right)),
        }
    }
}

impl Report {
    pub(crate) fn of(answers: Vec<Answered>) -> Self {
        let score =
            |fits: &dyn Fn(&Answered) -> bool| Score::of(answers.iter().filter(|answer| fits(answer)));
        let group = |group: Group| GroupScore {
            group,
            first: score(&|answer| answer.group == group && answer.wording == 0),
            reworded: score(&|answer| answer.group == group && answer.wording > 0),
            slowest_ms: answers
                .iter()
                .filter(|answer| answer.group == group)
                .map(|answer| answer.took_ms)
                .max()
                .unwrap_or(0),
        };
        let mut times: Vec<u64> = answers.iter().map(|answer| answer.took_ms).collect();
        times.sort_unstable();
        let by: BTreeSet<&String> = answers.iter().map(|answer| &answer.by).collect();
        Self {
            by: by.into_iter().cloned().collect(),
            all: score(&|_| true),
            numbered: score(&|answer| answer.numbered && answer.wording == 0),
            reworded: score(&|answer| answer.numbered && answer.wording > 0),
            others: score(&|answer| !answer.numbered),
            groups: Group::ALL
                .into_iter()
                .map(group)
                .filter(GroupScore::was_asked)
                .collect(),
            unbacked: answers.iter().map(|answer| answer.unbacked).sum(),
            median_ms: times.get(times.len() / 2).copied().unwrap_or(0),
            answers,
        }
    }

    /// The score as text, with what was wrong and why.
    pub fn shown(&self) -> String {
        let mut text = String::new();
        for answer in self.answers.iter().filter(|answer| !answer.is_right()) {
            let _ = writeln!(text, "✗ {} {}: {}", answer.group, answer.id, answer.question);
            for fault in &answer.faults {
                let _ = writeln!(text, "    {fault}");
            }
        }
        if !text.is_empty() {
            text.push('\n');
        }
        let _ = writeln!(
            text,
            "{:<12} {:>10} {:>12} {:>9}",
            "GROUP", "SET", "REWORDED", "SLOWEST"
        );
        for group in &self.groups {
            let slowest = format!("{} ms", group.slowest_ms);
            let _ = writeln!(
                text,
                "{:<12} {:>10} {:>12} {slowest:>9}",
                group.group, group.first, group.reworded
            );
        }
        let _ = writeln!(
            text,
            "\nnumbered {}, reworded {} ({:.1} %), others {}, all {} ({:.1} %)",
            self.numbered,
            self.reworded,
            self.reworded.percent(),
            self.others,
            self.all,
            self.all.percent(),
        );
        let _ = writeln!(
            text,
            "by {}, median {} ms, figures that no tool gave: {}",
            self.by.join(" and "),
            self.median_ms,
            self.unbacked
        );
        text
    }
}

impl GroupScore {
    fn was_asked(&self) -> bool {
        self.first.of + self.reworded.of > 0
    }
}
