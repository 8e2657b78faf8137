//! Every switch, as a client feels it.

use std::sync::Arc;
use std::time::Duration;

use spacewatch_demo::{DemoStore, Effect, Fault, ObjectBody, Operation, RunningStore, When};
use spacewatch_model::{ManualClock, Timestamp};

use crate::kit::{client, code, start};

async fn store() -> RunningStore {
    let keys = (0..50).map(|n| format!("k{n:02}"));
    let size = ObjectBody::Sparse(1_000_000);
    start(
        DemoStore::empty()
            .with_keys("tests", keys)
            .with_object("tests", "big", size)
            .with_bucket("calm"),
    )
    .await
}

/// The codes of the next listings.
async fn listings(store: &RunningStore, count: usize) -> Vec<String> {
    let client = client(store);
    let mut codes = Vec::new();
    for _ in 0..count {
        codes.push(code(client.list_objects_v2().bucket("tests").send().await));
    }
    codes
}

#[tokio::test]
async fn when_they_strike() {
    let store = store().await;
    let (ok, slow) = ("ok", "503 SlowDown");
    let id = store.faults().add(Fault::slow_down().when(When::Every(3)));
    assert_eq!(listings(&store, 6).await, [ok, ok, slow, ok, ok, slow]);
    store.faults().remove(id);
    store.faults().add(Fault::slow_down().when(When::Next(2)));
    assert_eq!(listings(&store, 3).await, [slow, slow, ok]);
    store.faults().clear();
    store
        .faults()
        .add(Fault::slow_down().when(When::Probability(0.5)));
    let codes = listings(&store, 100).await;
    let struck = codes.iter().filter(|code| *code == slow).count();
    assert!((30..70).contains(&struck), "{struck}");
    store.faults().clear();
    assert_eq!(store.faults().count(), 0);
    assert_eq!(listings(&store, 1).await, [ok]);
    assert_eq!(store.requests().of(Operation::ListObjectsV2), 110);
}

#[tokio::test]
async fn above_a_rate() {
    let clock = Arc::new(ManualClock::starting_at(Timestamp::UNIX_EPOCH));
    let store = start(DemoStore::empty().with_clock(clock.clone()).with_bucket("tests")).await;
    store.faults().add(Fault::slow_down().when(When::Above(2.0)));
    let (ok, slow) = ("ok", "503 SlowDown");
    assert_eq!(listings(&store, 4).await, [ok, ok, slow, slow]);
    clock.advance(Duration::from_millis(500));
    assert_eq!(listings(&store, 2).await, [ok, slow]);
    clock.advance(Duration::from_secs(60));
    assert_eq!(listings(&store, 3).await, [ok, ok, slow]);
}

#[tokio::test]
async fn in_their_scope_only() {
    let store = store().await;
    let fault = Fault::new(Effect::InternalError);
    store.faults().add(fault.clone().on(Operation::HeadObject));
    store.faults().add(fault.clone().in_bucket("calm"));
    store.faults().add(fault.for_key("somebody-else"));
    let client = client(&store);
    assert_eq!(listings(&store, 1).await, ["ok"]);
    assert!(code(client.head_object().bucket("tests").key("k01").send().await).starts_with("500"));
    assert_eq!(
        code(client.list_objects_v2().bucket("calm").send().await),
        "500 InternalError"
    );
}

#[tokio::test]
async fn bodies_that_break_off() {
    let store = store().await;
    store
        .faults()
        .add(Fault::new(Effect::ResetInBody).when(When::Next(1)));
    let client = client(&store);
    let get = || client.get_object().bucket("tests").key("big").send();
    let broken = get().await.unwrap();
    assert_eq!(broken.content_length(), Some(1_000_000));
    assert!(broken.body.collect().await.is_err());
    assert_eq!(
        get()
            .await
            .unwrap()
            .body
            .collect()
            .await
            .unwrap()
            .into_bytes()
            .len(),
        1_000_000
    );
    store.faults().add(Fault::new(Effect::Drop).when(When::Next(1)));
    assert_eq!(listings(&store, 2).await, ["no answer", "ok"]);
}

#[tokio::test]
async fn objects_that_are_not_what_was_listed() {
    let store = store().await;
    let client = client(&store);
    let fault = |effect| Fault::new(effect).on(Operation::GetObject).at_key("k01");
    let get = |key: &str| client.get_object().bucket("tests").key(key).send();
    let body = async |key: &str| get(key).await.unwrap().body.collect().await.unwrap().to_vec();
    let listed = get("k01").await.unwrap().e_tag.unwrap();
    let content = body("k01").await;

    let id = store.faults().add(fault(Effect::Vanish));
    assert_eq!(code(get("k01").await), "404 NoSuchKey");
    assert_eq!(code(get("k02").await), "ok");
    assert_eq!(store.handle().keys("tests").len(), 51);
    store.faults().remove(id);

    let id = store.faults().add(fault(Effect::Changed));
    let changed = get("k01").await.unwrap();
    let other = changed.e_tag().unwrap().to_owned();
    assert_ne!(other, listed);
    assert_ne!(changed.body.collect().await.unwrap().to_vec(), content);
    let insist = |etag: &str| {
        client
            .get_object()
            .bucket("tests")
            .key("k01")
            .if_match(etag)
            .send()
    };
    assert_eq!(code(insist(&listed).await), "412 PreconditionFailed");
    assert_eq!(code(insist(&other).await), "ok");
    store.faults().remove(id);

    store.faults().add(fault(Effect::WrongContent));
    let wrong = get("k01").await.unwrap();
    assert_eq!(wrong.e_tag(), Some(listed.as_str()));
    assert_ne!(wrong.body.collect().await.unwrap().to_vec(), content);
    store.faults().clear();
    assert_eq!(body("k01").await, content);
}

#[tokio::test]
async fn bodies_that_break_off_after_some_bytes() {
    let store = store().await;
    let client = client(&store);
    let get = || client.get_object().bucket("tests").key("big").send();
    for effect in [Effect::ResetAfter(70_000), Effect::StallAfter(70_000)] {
        store.faults().add(Fault::new(effect.clone()));
        let mut broken = get().await.unwrap();
        let mut read = 0;
        while read < 70_000 {
            read += broken.body.next().await.unwrap().unwrap().len();
        }
        assert_eq!(read, 70_000);
        if effect == Effect::ResetAfter(70_000) {
            assert!(broken.body.next().await.unwrap().is_err());
        }
        store.faults().clear();
    }
}

#[tokio::test]
async fn stalls_end_with_the_store() {
    let store = store().await;
    store
        .faults()
        .add(Fault::new(Effect::StallInBody).on(Operation::GetObject));
    store
        .faults()
        .add(Fault::new(Effect::Hang).on(Operation::ListObjectsV2));
    let client = client(&store);
    let mut stalled = client
        .get_object()
        .bucket("tests")
        .key("big")
        .send()
        .await
        .unwrap();
    let mut read = 0;
    while read < 500_000 {
        read += stalled.body.next().await.unwrap().unwrap().len();
    }
    assert_eq!(read, 500_000);
    let hanging = client.list_objects_v2().bucket("tests").send();
    let ((), hung, rest) = tokio::join!(store.shutdown(), hanging, stalled.body.next());
    assert_eq!(code(hung), "no answer");
    assert!(rest.is_none_or(|chunk| chunk.is_err()));
}

#[tokio::test]
async fn pages_that_are_cut() {
    let store = store().await;
    let client = client(&store);
    let cut = |honest| Fault::new(Effect::TruncatePage { keep: 7, honest });
    store.faults().add(cut(true).when(When::Next(1)));
    let page = client.list_objects_v2().bucket("tests").send().await.unwrap();
    assert_eq!((page.contents().len(), page.is_truncated()), (7, Some(true)));
    let token = page.next_continuation_token.unwrap();
    let rest = client
        .list_objects_v2()
        .bucket("tests")
        .continuation_token(token)
        .send()
        .await
        .unwrap();
    assert_eq!(rest.contents().len(), 44);
    store.faults().add(cut(false));
    let page = client.list_objects_v2().bucket("tests").send().await.unwrap();
    assert_eq!((page.contents().len(), page.is_truncated()), (7, Some(false)));
}

#[tokio::test]
async fn answers_that_are_wrong() {
    let store = store().await;
    let client = client(&store);
    let head = || client.head_object().bucket("tests").key("k01").send();
    let right = head().await.unwrap().e_tag;
    store
        .faults()
        .add(Fault::new(Effect::WrongEtag).when(When::Next(1)));
    assert_ne!(head().await.unwrap().e_tag, right);
    store
        .faults()
        .add(Fault::new(Effect::GarbageXml).when(When::Next(1)));
    assert_eq!(listings(&store, 2).await, ["200 -", "ok"]);
    let encryption = || client.get_bucket_encryption().bucket("tests").send();
    let unset = "404 ServerSideEncryptionConfigurationNotFoundError";
    assert_eq!(code(encryption().await), unset);
    let listed = store.faults().add(Fault::new(Effect::IgnoreSubresources));
    assert!(!code(encryption().await).starts_with("404"));
    let policy = || client.get_bucket_policy().bucket("tests").send();
    assert_eq!(code(policy().await), "404 NoSuchBucketPolicy", "Ceph knows it");
    store.faults().remove(listed);
    for (effect, expected) in [
        (Effect::IgnoreSubresources, "ok"),
        (Effect::Denied, "403 AccessDenied"),
        (Effect::Hidden, "404 NoSuchBucket"),
        (Effect::NotImplemented, "501 NotImplemented"),
    ] {
        let fault = Fault::new(effect).on(Operation::GetBucketPolicy);
        let fault = store.faults().add(fault);
        assert_eq!(code(policy().await), expected);
        assert_eq!(code(encryption().await), unset, "struck by a fault of another");
        store.faults().remove(fault);
    }
}

#[tokio::test]
async fn raw_control_characters() {
    let store = start(DemoStore::empty().with_keys("tests", ["a", "b\u{1}", "c"])).await;
    store.faults().add(Fault::new(Effect::RawControlCharacters));
    let list = client(&store)
        .list_objects_v2()
        .bucket("tests")
        .encoding_type("url".into());
    let page = list.clone().max_keys(1).send().await.unwrap();
    assert_eq!(
        (page.next_continuation_token(), page.encoding_type()),
        (Some("a"), None)
    );
    // Lenient readers take the character, strict ones refuse the page: both happen with a real gateway.
    if let Ok(page) = list.send().await {
        assert_eq!(page.contents()[1].key(), Some("b\u{1}"));
    }
}

#[tokio::test]
async fn latency_and_requests_at_the_same_time() {
    let store = store().await;
    store.faults().add(Fault::latency(Duration::from_millis(30)));
    let client = client(&store);
    let all = (0..8).map(|_| client.list_objects_v2().bucket("tests").send());
    let answers = futures::future::join_all(all).await;
    assert!(answers.iter().all(Result::is_ok));
    assert!(store.requests().peak_in_flight() > 1, "{:?}", store.requests());
}
