//! Asks the questions.

use std::time::Instant;

use jiff::tz::TimeZone;
use spacewatch_assistant::{Assistant, Question, Toolbox};

use crate::report::{Answered, Report};
use crate::{Case, QuestionSet};

/// How far the asking is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// Questions that were answered.
    pub done: usize,
    /// All questions.
    pub of: usize,
    /// How many of the answers were right.
    pub right: usize,
}

/// Asks every question in every wording, one after the other, each in a conversation of its own.
pub async fn evaluate(
    questions: &QuestionSet,
    (assistant, toolbox): (&Assistant, &dyn Toolbox),
    tell: &mut (dyn FnMut(Asked) + Send),
) -> Report {
    let zone = toolbox.circumstances().time_zone;
    let of = questions.count();
    let mut answers: Vec<Answered> = Vec::with_capacity(of);
    for case in &questions.cases {
        for (wording, turns) in case.wordings.iter().enumerate() {
            let answered = ask(case, (wording, turns), (assistant, toolbox), &zone).await;
            answers.push(answered);
            tell(Asked {
                done: answers.len(),
                of,
                right: answers.iter().filter(|answer| answer.is_right()).count(),
            });
        }
    }
    Report::of(answers)
}

async fn ask(
    case: &Case,
    (wording, turns): (usize, &[String]),
    (assistant, toolbox): (&Assistant, &dyn Toolbox),
    zone: &TimeZone,
) -> Answered {
    let mut answered = Answered {
        id: case.id.clone(),
        group: case.group,
        numbered: case.is_numbered(),
        wording,
        question: turns.join(" → "),
        ..Answered::default()
    };
    for turn in turns {
        let question = Question {
            text: turn.clone(),
            tenant: [0; 32],
            session: Some(format!("{} {wording}", case.id)),
            // The keys of a made-up store are no secret.
            secrets: Vec::new(),
            patience: None,
        };
        let begun = Instant::now();
        let made = assistant.answer(&question, toolbox, &mut |_| {}).await;
        answered.took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        answered.faults = case.expected.faults(&made, zone);
        if let Some(why) = &made.instead {
            let fault = format!("the model gave no answer, the planner did: {why}");
            answered.faults.insert(0, fault);
        }
        answered.unbacked = made.answer.parts.iter().filter(|part| part.unbacked).count();
        answered.answer = made.answer.text();
        answered.by = made.by;
    }
    answered
}
