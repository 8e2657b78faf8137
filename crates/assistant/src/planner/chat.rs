//! What is said without asking a tool.

use super::words::Words;
use crate::{Answer, AnswerKind, Part, ToolFailure, quote};

/// Characters of a question that is read.
pub(super) const MAX_QUESTION: usize = 4_000;

const EXAMPLES: [&str; 6] = [
    "What will this month's bill be?",
    "Which 10 objects caused most egress in the last 7 days?",
    "Who still uses SigV2 or TLS below 1.2?",
    "How much did each bucket grow in 7 and 30 days?",
    "Are yesterday's logs complete?",
    "Which buckets have no logging or lifecycle rule?",
];

pub(super) fn answer(kind: AnswerKind, text: &str, suggestions: &[String]) -> Answer {
    Answer {
        kind,
        parts: vec![Part {
            text: text.to_owned(),
            ..Part::default()
        }],
        suggestions: suggestions.to_vec(),
        ..Answer::default()
    }
}

fn examples() -> Vec<String> {
    EXAMPLES.map(str::to_owned).to_vec()
}

/// Small talk, where there is nothing else in the question.
pub(super) fn small_talk(words: &Words) -> Option<Answer> {
    let said = |meaning: &str| words.mean(&[meaning]);
    let short = words.tokens.len() <= 6;
    if words.tokens.is_empty() {
        return Some(answer(
            AnswerKind::AsksBack,
            "What would you like to know? Some questions that I can answer:",
            &examples(),
        ));
    }
    if said("help") && (short || words.say_phrase("what can you do")) && !said("cost") && !said("object") {
        return Some(answer(
            AnswerKind::Answered,
            "I answer questions about your buckets with figures that you can check: what they **cost**, who did what (**security**, **forensics**), \
             how **fast** and how sound they are, how they **grow**, what lies in them, and whether the logs are complete. I only read; \
             I never see your secret key. Name a bucket, an object, an address or a period, and ask on from an answer: `and last week?`, `why?`.",
            &examples(),
        ));
    }
    if said("hello") && words.tokens.len() <= 4 {
        return Some(answer(
            AnswerKind::Answered,
            "Hello! Ask me about your buckets: what they cost, who touched what, how they grow.",
            &examples(),
        ));
    }
    if said("thanks") && words.tokens.len() <= 5 {
        return Some(answer(AnswerKind::Answered, "You're welcome.", &[]));
    }
    None
}

pub(super) fn too_long() -> Answer {
    answer(
        AnswerKind::AsksBack,
        "That is more text than I read at once. Please ask in a few sentences, one question at a time.",
        &[],
    )
}

/// What is said to a question that no topic fits well enough; `near` are questions of those that fit best.
pub(super) fn not_understood(near: &[&'static str]) -> Answer {
    let near: Vec<String> = near.iter().map(|example| (*example).to_owned()).collect();
    answer(
        AnswerKind::CannotSay,
        "I didn't understand that well enough to answer it rightly, and I'd rather not guess. I know about costs, egress, who did what \
         to which object, addresses and requesters, errors and latency, growth, what lies in buckets, their settings, and whether the \
         logs are complete. For example:",
        &if near.is_empty() { examples() } else { near },
    )
}

pub(super) fn unclear_time() -> Answer {
    answer(
        AnswerKind::AsksBack,
        "Which time do you mean? What you wrote is no date that I know, lies ahead, or ends before it begins.",
        &[
            "in the last 24 hours".to_owned(),
            "yesterday".to_owned(),
            "in the last 7 days".to_owned(),
        ],
    )
}

pub(super) fn failed(failure: &ToolFailure) -> Answer {
    let hint = failure
        .hint
        .as_deref()
        .map_or_else(String::new, |hint| format!(" ({})", quote::sentence(hint)));
    let text = format!(
        "I can't tell, because your buckets could not be asked for: {}{hint}.",
        quote::sentence(&failure.detail)
    );
    answer(AnswerKind::CannotSay, &text, &[])
}

pub(super) fn no_bucket() -> Answer {
    answer(
        AnswerKind::CannotSay,
        "These keys see no bucket that I could ask about.",
        &[],
    )
}

/// A bucket that is asked about and not among those these keys see.
pub(super) fn unseen(name: &str, buckets: &[String]) -> Answer {
    let shown = quote::code(name);
    let near = |bucket: &&String| strsim::jaro_winkler(bucket, &name.to_lowercase()) > 0.75;
    let likeness = |bucket: &&String| strsim::jaro_winkler(bucket, name);
    let nearest = buckets
        .iter()
        .filter(near)
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    let text = match nearest {
        Some(bucket) => format!(
            "These keys can't see a bucket {shown}, so I can't tell anything about it. The nearest name that they see is {}.",
            quote::code(bucket)
        ),
        None => format!(
            "These keys can't see a bucket {shown}, so I can't tell anything about it. Ask with keys that may read it."
        ),
    };
    let others: Vec<String> = nearest
        .into_iter()
        .map(|bucket| format!("What about {bucket}?"))
        .chain(["Which buckets are there?".to_owned()])
        .collect();
    answer(AnswerKind::Refused, &text, &others)
}
