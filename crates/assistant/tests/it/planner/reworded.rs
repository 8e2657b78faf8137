//! The questions of the evaluation set in words that nobody had in mind when the vocabulary was written.

use super::told;

/// Lines of `what the plan begins with: question`.
#[test]
fn other_wordings_lead_to_the_same_tools() {
    let mut wrong = Vec::new();
    for line in include_str!("reworded/questions.txt").lines() {
        let (expected, question) = line.split_once(": ").unwrap();
        let told = told(question, None);
        if !told.starts_with(expected) {
            let first: String = told.chars().take(90).collect();
            wrong.push(format!("{line}\n    {first}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} are not understood:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
