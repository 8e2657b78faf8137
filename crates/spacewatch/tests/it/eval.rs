//! `spacewatch eval`: the questions of the set, over a store whose truth is known.

use serde_json::Value;

use crate::sandbox::Sandbox;

#[test]
fn the_numbered_questions_are_answered_right() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run(&["eval", "--wordings", "numbered", "--at-least", "100"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("numbered 34 of 34"), "{}", ran.stdout);
    assert_eq!(ran.stderr, "");
    let left = std::fs::read_dir(sandbox.path()).unwrap().count();
    assert_eq!(left, 0, "nothing is left behind");
}

#[test]
fn other_wordings_are_scored_and_mistakes_told() {
    let sandbox = Sandbox::new().with_file("mine.txt", "[33]\nhow big is raw-events?\nsing a song\n");
    let ran = sandbox.run(&["eval", "--questions", "mine.txt", "--at-least", "90", "--json"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["all"]["right"], 1);
    assert_eq!(report["answers"][1]["question"], "sing a song");
    assert_ne!(report["answers"][1]["faults"], serde_json::json!([]));
    assert!(
        ran.stderr.contains("50.0 % of the answers are right, not 90 %"),
        "{}",
        ran.stderr
    );
    let ran = sandbox.run(&["eval", "--only", "cats"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("`cats`"), "{}", ran.stderr);
}
