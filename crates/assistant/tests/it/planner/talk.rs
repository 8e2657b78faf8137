//! Follow-ups, small talk, what is asked back, and wordings of all kinds.

use expect_test::{ExpectFile, expect_file};

use super::{Plan, plan, told};

/// Lines of questions, one dialogue a line: what each says before the last is remembered, and the last is told.
fn check(dialogues: &str, expected: ExpectFile) {
    let mut text = String::new();
    for dialogue in dialogues.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let questions: Vec<&str> = dialogue.split(" → ").collect();
        let mut remembered = None;
        for question in &questions[..questions.len() - 1] {
            remembered = Some(match plan(question, remembered.as_ref()) {
                Plan::Says(_, understood) => *understood,
                Plan::Asks(calls, mut dialogue) => super::give_up(&mut dialogue, calls.len()),
            });
        }
        let last = told(questions[questions.len() - 1], remembered.as_ref());
        text.push_str(&format!("{dialogue}\n    {}\n", last.replace('\n', "\n    ")));
    }
    expected.assert_eq(&text);
}

#[test]
fn questions_go_on_from_the_one_before() {
    check(
        "
        Which IPs got most 403s? → and last week?
        Which 10 objects caused most egress in the last 7 days? → only PNGs
        Which 10 objects caused most egress in the last 7 days? → and by ip?
        Which 10 objects caused most egress in the last 7 days? → just the top 3
        How big is prod-assets? → what about staging?
        How big is prod-assets? → how much did it grow
        How big is prod-assets? → and how many pngs are there
        What will this month's bill be? → and the month before?
        What will this month's bill be? → and last month? → and the month before?
        How much did prod-uploads grow? → why?
        Who deleted studio/x.pdf? → was this delete a client's or a lifecycle rule's?
        Who deleted studio/x.pdf? → Everything that happened to it
        what happened to studio/x.pdf → who?
        What did 203.0.113.99 do yesterday? → and 198.51.100.7?
        What did 203.0.113.99 do yesterday? → which objects are the largest?
        how many requests were there yesterday → and today?
        what happened to studio/x.pdf yesterday → who else downloaded it?
        compare today with yesterday in staging → and prod-assets?
        How much did prod-uploads grow? → Which prefix explains it?
        hello → how big is staging
        How big is prod-assets? → thanks → and staging?
        ",
        expect_file!["talk/follow_ups.txt"],
    );
}

#[test]
fn small_talk() {
    check(
        "
        hello
        hi there!
        what can you do?
        help
        thanks!
        ?!
        what's the weather like in Berlin
        who won the world cup
        why?
        and last week?
        take a snapshot of staging
        make an inventory of prod-assets
        take a snapshot
        Was this delete a client's or a lifecycle rule's?
        what did a leaked key do?
        ",
        expect_file!["talk/small_talk.txt"],
    );
}

#[test]
fn a_question_is_bounded() {
    let answer = told(&"egress ".repeat(1000), None);
    assert!(
        answer.starts_with("AsksBack: That is more text than I read at once."),
        "{answer}"
    );
    assert!(told("", None).starts_with("AsksBack: What would you like to know?"));
}

#[test]
fn other_questions() {
    check(
        include_str!("talk/others.txt"),
        expect_file!["talk/others_told.txt"],
    );
}
