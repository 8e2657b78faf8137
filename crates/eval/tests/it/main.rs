//! The world, its truth, and the questions about it.

use spacewatch_eval::{QuestionSet, Wordings, World};

#[tokio::test]
async fn every_question_is_about_something() {
    let world = World::start().await.unwrap();
    let truth = world.truth().unwrap();
    let set = QuestionSet::of(&truth).unwrap();
    let numbered = set.cases.iter().filter(|case| case.is_numbered());
    assert_eq!(numbered.clone().count(), 34);
    assert!(numbered.clone().all(|case| case.wordings.len() >= 4));
    for turn in set.cases.iter().flat_map(|case| &case.wordings).flatten() {
        assert!(
            !turn.contains("``") && !turn.contains("  "),
            "a name is empty in {turn}"
        );
    }
    let one = set.clone().only("23").unwrap().with(Wordings::Numbered);
    assert_eq!(one.count(), 1);
    assert!(set.only("cats").is_err());
    world.shutdown().await;
}

#[tokio::test]
async fn other_wordings_are_read_and_mistakes_told() {
    let world = World::start().await.unwrap();
    let truth = world.truth().unwrap();
    let told = |text: &str| match QuestionSet::read(text, &truth) {
        Ok(set) => format!("{} wordings", set.count()),
        Err(error) => error.to_string(),
    };
    assert_eq!(told("# nothing\n[3]\na\nb → c\n"), "2 wordings");
    assert_eq!(told("[99]\n"), "line 1: there is no question `99`");
    assert_eq!(
        told("a\n"),
        "line 1: a question stands before the first heading such as `[23]`"
    );
    assert_eq!(told("[3]\n{cats}\n"), "line 2: `{cats}` is not known");
    world.shutdown().await;
}
