//! Work that outlives its request.

use std::time::Duration;

use expect_test::expect;
use spacewatch_demo::{Effect, Fault, Operation, When};

use crate::kit::{Answer, KEY, Kit, SECRET, kit_with, store};

const TARGET: &str = "/tools/storage-summary?bucket=photos";

/// A server that waits a moment only, before a store whose first answer to a listing never comes.
async fn hanging(hangs: u64) -> Kit {
    let kit = kit_with(
        store(),
        |config| config.request_timeout = Duration::from_millis(30),
        |stores| {
            stores.first_byte_timeout = Duration::from_millis(300);
            stores.attempts = 3;
        },
    )
    .await;
    kit.store
        .faults()
        .add(Fault::new(Effect::Hang).when(When::Next(hangs)));
    kit
}

async fn until_answered(kit: &Kit) -> Answer {
    loop {
        let answer = kit.tool(TARGET).send().await;
        if answer.status != 504 {
            return answer;
        }
    }
}

#[tokio::test]
async fn slow_work_is_promised_and_picked_up() {
    let kit = hanging(1).await;
    let late = kit.tool(TARGET).send().await;
    expect!["504 StillRunning: no answer after 0.03 s; the work goes on"].assert_eq(&late.problem());
    let link = late.json()["work"]["href"].as_str().expect("a link").to_owned();
    assert_eq!(late.header("location"), link);
    assert!(link.len() > "/work/".len() + 31, "unguessable: {link}");

    let state = kit.tool(&link).send().await.json();
    assert_eq!(
        (&state["state"], &state["tool"]),
        (&"running".into(), &"storage-summary".into())
    );
    assert!(state["progress"]["elapsed_ms"].is_u64());

    let answer = until_answered(&kit).await;
    assert_eq!(answer.json()["object_count"], 3);
    // Picked up: the next question is answered afresh, and whoever follows the address still finds it there.
    let asked = kit.store.requests().total();
    until_answered(&kit).await;
    assert!(kit.store.requests().total() > asked);
    assert_eq!(kit.tool(&link).send().await.json()["result"]["object_count"], 3);
}

#[tokio::test]
async fn work_belongs_to_who_began_it() {
    let kit = hanging(1).await;
    let late = kit.tool(TARGET).send().await.json();
    let link = late["work"]["href"].as_str().expect("a link").to_owned();
    for (key, secret) in [("KEYB", "secret-b"), (KEY, "secret-b"), (KEY, "x")] {
        let answer = kit.get(&link).keys(key, secret).send().await;
        expect!["404 NotFound: there is no such work for these credentials"].assert_eq(&answer.problem());
    }
    assert_eq!(kit.get(&link).send().await.status, 422);
    assert_eq!(
        kit.tool("/work/00000000000000000000000000000000")
            .send()
            .await
            .status,
        404
    );
    assert_eq!(
        kit.tool(&format!("/work/{}", "x".repeat(5000)))
            .send()
            .await
            .status,
        404
    );
    // The same question of somebody else is other work.
    let other = kit.get(TARGET).keys(KEY, "wrong").send().await;
    assert_ne!(other.json()["work"]["href"], link.as_str());
}

#[tokio::test]
async fn a_promised_result_is_served_only_while_the_store_agrees() {
    let kit = hanging(1).await;
    let late = kit.tool(TARGET).send().await.json();
    let link = late["work"]["href"].as_str().expect("a link").to_owned();
    loop {
        let state = kit.tool(&link).send().await.json();
        if state["state"] == "done" {
            assert_eq!(state["result"]["object_count"], 3);
            break;
        }
        tokio::task::yield_now().await;
    }
    // The lease runs out, and the store says no.
    kit.clock.advance(Duration::from_secs(61));
    kit.store.faults().add(Fault::new(Effect::InternalError));
    let answer = kit.tool(&link).send().await;
    assert_eq!(answer.status, 403);
    assert!(!answer.text().contains("object_count"));
    kit.store.faults().clear();
    assert_eq!(kit.tool(&link).send().await.json()["result"]["object_count"], 3);
    // In the end it is forgotten.
    kit.clock.advance(Duration::from_secs(301));
    assert_eq!(kit.tool(&link).send().await.status, 404);
}

#[tokio::test]
async fn the_same_question_at_once_is_asked_once() {
    let kit = kit_with(store(), |_| {}, |_| {}).await;
    kit.store
        .faults()
        .add(Fault::latency(Duration::from_millis(50)).on(Operation::ListBuckets));
    let asks = (0..10).map(|_| kit.tool("/tools/buckets").send());
    let answers = futures::future::join_all(asks).await;
    assert!(
        answers
            .iter()
            .all(|answer| answer.status == 200 && answer.json()["bucket_count"] == 2)
    );
    assert_eq!(kit.store.requests().of(Operation::ListBuckets), 1);
    let wrong = kit.get("/tools/buckets").keys(KEY, "wrong").send().await;
    assert_eq!(wrong.status, 401);
}

#[tokio::test]
async fn one_tenant_cannot_take_all_the_work() {
    let kit = kit_with(
        store(),
        |config| {
            config.request_timeout = Duration::from_millis(20);
            config.bounds.works_per_tenant = 2;
            config.bounds.works = 3;
        },
        |_| {},
    )
    .await;
    kit.store.faults().add(Fault::new(Effect::Hang));
    for prefix in ["a", "b"] {
        assert_eq!(
            kit.tool(&format!("{TARGET}&prefix={prefix}")).send().await.status,
            504
        );
    }
    let refused = kit.tool(&format!("{TARGET}&prefix=c")).send().await;
    expect!["503 Overloaded: no more work can be started with these credentials now"]
        .assert_eq(&refused.problem());
    assert_eq!(refused.header("retry-after"), "5");
    // What runs can still be joined, and another tenant has its own share until all places are taken.
    assert_eq!(kit.tool(&format!("{TARGET}&prefix=a")).send().await.status, 504);
    let second = |prefix: &str| {
        kit.get(&format!("/tools/storage-summary?bucket=private&prefix={prefix}"))
            .keys("KEYB", "secret-b")
    };
    assert_eq!(second("x").send().await.status, 504);
    let full = second("y").send().await;
    expect!["503 Overloaded: no more work can be started at all now"].assert_eq(&full.problem());
}

#[tokio::test]
async fn one_client_with_made_up_keys_cannot_take_all_the_work() {
    let kit = kit_with(
        store(),
        |config| {
            config.request_timeout = Duration::from_millis(20);
            config.bounds.works_per_client = 2;
            config.bounds.works = 3;
        },
        |_| {},
    )
    .await;
    kit.store.faults().add(Fault::new(Effect::Hang));
    let guess = |secret: &str| kit.get(TARGET).keys(KEY, secret).from("192.0.2.1");
    for secret in ["one", "two"] {
        assert_eq!(guess(secret).send().await.status, 504);
    }
    let refused = guess("three").send().await;
    expect!["503 Overloaded: no more work can be started from this address now"]
        .assert_eq(&refused.problem());
    // Somebody else still finds a place.
    assert_eq!(kit.tool(TARGET).from("192.0.2.2").send().await.status, 504);
}

#[tokio::test]
async fn nobody_waiting_means_no_work() {
    let kit = kit_with(store(), |config| config.bounds.works = 1, |_| {}).await;
    kit.store
        .faults()
        .add(Fault::new(Effect::Hang).in_bucket("photos"));
    let mut gone = Box::pin(kit.tool(TARGET).send());
    while kit.store.requests().total() == 0 {
        assert!(futures::poll!(&mut gone).is_pending());
        tokio::task::yield_now().await;
    }
    drop(gone);
    // The only place is free again as soon as the work noticed.
    let answer = loop {
        let answer = kit.get("/tools/buckets").keys(KEY, SECRET).send().await;
        if answer.status != 503 {
            break answer;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(answer.status, 200);
    // It stands in the log as what it was.
    let log = kit.get("/logs/operations").send().await.json();
    let rows = log["logs"].as_array().expect("rows");
    assert!(
        rows.iter()
            .any(|row| row["status_code"] == 499 && row["bucket"].is_null()),
        "{log}"
    );
}
