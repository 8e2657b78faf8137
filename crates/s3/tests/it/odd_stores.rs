//! What stores say that no good one would.

use std::time::{Duration, Instant};

use expect_test::{Expect, expect};
use spacewatch_model::Prefix;
use spacewatch_s3::{Order, Store, StoreError, StoresConfig};

use crate::scripted::{Scripted, answer};
use crate::stage::{all, bucket, impatient, keys, open, stores};

fn store(scripted: &Scripted, config: StoresConfig) -> Store {
    open(
        &stores(config),
        &scripted.endpoint(),
        "us-east-1",
        ("id", "secret"),
    )
}

/// The port changes from run to run.
fn shown(error: &StoreError, scripted: &Scripted) -> String {
    let host = scripted.endpoint().replace("http://", "");
    format!("{error}\nhint: {}", error.hint().unwrap_or_default()).replace(&host, "HOST")
}

fn page(key: &str, more: &str) -> String {
    answer(
        "200 OK",
        "",
        &format!(
            "<ListBucketResult><IsTruncated>false</IsTruncated>{more}<Contents><Key>{key}</Key><Size>1</Size></Contents>\
             </ListBucketResult>"
        ),
    )
}

async fn check_redirect(status: &str, headers: &str, body: &str, expected: Expect) {
    let elsewhere = Scripted::answering(&[page("secret", "")]).await;
    let headers = headers.replace("ELSEWHERE", &elsewhere.endpoint());
    let scripted = Scripted::answering(&[answer(status, &headers, body)]).await;
    let store = store(&scripted, impatient());
    let error = store
        .list_page(&bucket("photos"), &Prefix::default(), None, 1)
        .await
        .expect_err("no page");
    let shown = shown(&error, &scripted).replace(&elsewhere.endpoint(), "ELSEWHERE");
    expected.assert_eq(&shown);
    assert_eq!(scripted.asked().len(), 1, "asked once");
    assert_eq!(elsewhere.asked(), [""; 0], "followed");
    store
        .check_bucket(&bucket("photos"))
        .await
        .expect_err("no bucket");
    store.list_buckets().await.expect_err("no buckets");
    assert_eq!(elsewhere.asked(), [""; 0], "followed");
}

#[tokio::test]
async fn redirects_are_told_and_not_followed() {
    check_redirect(
        "301 Moved Permanently",
        "location: ELSEWHERE/photos\r\nx-amz-bucket-region: eu-west-1\r\n",
        "<Error><Code>PermanentRedirect</Code><Message>Not here.</Message></Error>",
        expect![[r#"
            no such bucket: Not here (ListObjectsV2 on `HOST`, bucket `photos`, status 301, code `PermanentRedirect`)
            hint: the bucket is in region `eu-west-1`; use that region"#]],
    )
    .await;
    check_redirect(
        "307 Temporary Redirect",
        "location: ELSEWHERE/photos?list-type=2\r\n",
        "<Error><Code>TemporaryRedirect</Code></Error>",
        expect![[r#"
            no such bucket (ListObjectsV2 on `HOST`, bucket `photos`, status 307, code `TemporaryRedirect`)
            hint: the store points to `ELSEWHERE`; redirects are not followed, name that endpoint"#]],
    )
    .await;
    check_redirect(
        "302 Found",
        "location: ELSEWHERE/login\r\n",
        "<html>log in</html>",
        expect![[r#"
            the store gave an answer that makes no sense (ListObjectsV2 on `HOST`, bucket `photos`, status 302)
            hint: the store points to `ELSEWHERE`; redirects are not followed, name that endpoint"#]],
    )
    .await;
    check_redirect(
        "301 Moved Permanently",
        "x-amz-bucket-region: `evil`/../\r\n",
        "",
        expect![[r#"
            no such bucket (ListObjectsV2 on `HOST`, bucket `photos`, status 301)
            hint: check the name and the region: a bucket is found only in its own region"#]],
    )
    .await;
}

#[tokio::test]
async fn retry_after_is_waited_for() {
    let busy = answer(
        "503 Slow Down",
        "retry-after: 1\r\n",
        "<Error><Code>SlowDown</Code></Error>",
    );
    let scripted = Scripted::answering(&[busy, page("a", "")]).await;
    let started = Instant::now();
    assert_eq!(
        keys(
            &store(&scripted, StoresConfig::default()),
            "photos",
            "",
            Order::Any
        )
        .await,
        ["a"]
    );
    assert!(started.elapsed() >= Duration::from_secs(1), "came back too early");
    assert_eq!(scripted.asked().len(), 2);
}

#[tokio::test]
async fn pages_that_hold_less_than_they_say_are_asked_for_again() {
    let cut = page("a", "<KeyCount>2</KeyCount>");
    for order in [Order::Any, Order::ByKey] {
        let scripted = Scripted::answering(&[cut.clone(), page("a", "<KeyCount>1</KeyCount>")]).await;
        assert_eq!(
            keys(&store(&scripted, impatient()), "photos", "", order).await,
            ["a"]
        );
        assert_eq!(scripted.asked().len(), 2);
    }
    let scripted = Scripted::answering(&[cut]).await;
    let error = store(&scripted, impatient())
        .list_page(&bucket("photos"), &Prefix::default(), None, 5)
        .await
        .expect_err("no page");
    expect![[r#"
        the store gave an answer that makes no sense: the page says that it holds 2 entries, but holds 1 (ListObjectsV2 on `HOST`, bucket `photos`, status 200)
        hint: "#]].assert_eq(&shown(&error, &scripted));
    assert_eq!(scripted.asked().len(), 3);
}

#[tokio::test]
async fn pages_that_dont_say_whether_there_is_more_are_read_on_from() {
    let page = |key: &str| {
        let body = format!(
            "<ListBucketResult><Contents><Key>{key}</Key><Size>1</Size></Contents></ListBucketResult>"
        );
        answer("200 OK", "", &body)
    };
    let end = answer(
        "200 OK",
        "",
        "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>",
    );
    for order in [Order::Any, Order::ByKey] {
        let scripted = Scripted::answering(&[page("a"), page("b"), end.clone()]).await;
        assert_eq!(
            keys(&store(&scripted, impatient()), "photos", "", order).await,
            ["a", "b"]
        );
    }
}

#[tokio::test]
async fn an_object_larger_than_wanted_is_not_read() {
    let large = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1000000000000\r\n\r\nxxx".to_owned();
    let scripted = Scripted::answering(&[large]).await;
    let error = store(&scripted, impatient())
        .get_object(&bucket("photos"), &"a".parse().expect("a key"), None, 1000)
        .await
        .expect_err("too large");
    expect![[r#"
        the store gave an answer that makes no sense: the answer has more than 1000 bytes (GetObject on `HOST`, bucket `photos`, status 200)
        hint: "#]].assert_eq(&shown(&error, &scripted));
    assert_eq!(scripted.asked().len(), 1, "it will not get smaller");
}

#[tokio::test]
async fn a_range_is_that_range() {
    let whole = answer("200 OK", "", "0123456789");
    let scripted = Scripted::answering(&[whole]).await;
    let store = store(&scripted, impatient());
    let (photos, key) = (bucket("photos"), "a".parse().expect("a key"));
    let error = store
        .get_object(&photos, &key, Some(2..5), 1000)
        .await
        .expect_err("not the range");
    expect![[r#"
        the store gave an answer that makes no sense: it sent another part of the object than asked for (GetObject on `HOST`, bucket `photos`)
        hint: "#]].assert_eq(&shown(&error, &scripted));
    let nothing = store
        .get_object(&photos, &key, Some(5..5), 1000)
        .await
        .expect("nothing");
    assert!(nothing.bytes.is_empty());
    assert!(
        scripted
            .asked()
            .last()
            .is_some_and(|line| line.starts_with("HEAD"))
    );
}

#[tokio::test]
async fn no_bucket_name_leads_to_another_host() {
    let scripted = Scripted::answering(&[page("a", "")]).await;
    let store = store(&scripted, impatient());
    for name in [
        "test-accessp-e0000075431d83bebde8xz5w8ijx1qzlbp3i3kuse10--op-s3",
        "test-accessp-o0b1d075431d83bebde8xz5w8ijx1qzlbp3i3kuse10--op-s3",
        "photos--usw2-az1--x-s3",
        "photos--usw2-az1--xa-s3",
        "photos-0123456789-s3alias",
        "with.dots.in.it",
    ] {
        assert_eq!(keys(&store, name, "", Order::Any).await, ["a"]);
        let asked = scripted.asked().pop().expect("a request");
        assert!(asked.starts_with(&format!("GET /{name}")), "{asked}");
    }
}

#[tokio::test]
async fn an_answer_that_never_ends_is_given_up() {
    let begun = "HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n<ListBucketResult>".to_owned();
    // Each byte comes in time, so only the limit for the whole ends it.
    let scripted = Scripted::trickling(begun, Duration::from_millis(20)).await;
    let store = store(&scripted, impatient());
    let listing = all(&store, "photos", "", Order::Any);
    let error = listing.await.expect_err("no listing");
    assert!(matches!(error, StoreError::Timeout(_)), "{error}");
    assert_eq!(scripted.asked().len(), 3);
}

#[tokio::test]
async fn a_refusal_ends_the_lease() {
    let denied = answer("403 Forbidden", "", "<Error><Code>AccessDenied</Code></Error>");
    let unknown = answer(
        "403 Forbidden",
        "",
        "<Error><Code>InvalidAccessKeyId</Code></Error>",
    );
    let (photos, films) = (bucket("photos"), bucket("films"));
    for (refusal, films_stay) in [(denied, true), (unknown, false)] {
        let good = page("a", "");
        let scripted = Scripted::answering(&[good.clone(), good.clone(), refusal, good]).await;
        let store = store(&scripted, impatient());
        for bucket in [&photos, &films] {
            store
                .list_page(bucket, &Prefix::default(), None, 1)
                .await
                .expect("a page");
        }
        assert!(store.lease().is_fresh(Some(&photos)) && store.lease().is_fresh(Some(&films)));
        all(&store, "photos", "", Order::Any).await.expect_err("refused");
        assert!(!store.lease().is_fresh(Some(&photos)));
        assert_eq!(store.lease().is_fresh(Some(&films)), films_stay);
        store.ensure(&photos).await.expect("accepted again");
        assert!(store.lease().is_fresh(Some(&photos)));
        assert_eq!(scripted.asked().len(), 4);
    }
}
