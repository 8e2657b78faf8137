//! Listings against the obvious way to make them.

use std::collections::BTreeSet;

use aws_sdk_s3::Client;
use aws_sdk_s3::types::EncodingType;
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use spacewatch_demo::{DemoStore, Operation, SyntheticKeys};

use crate::kit::{client, code, start};

#[derive(Debug, Clone, PartialEq, Default)]
struct Listed {
    keys: Vec<String>,
    prefixes: Vec<String>,
}

/// What a listing is by definition, from all keys.
fn by_definition(keys: &BTreeSet<String>, prefix: &str, delimiter: Option<&str>, after: &str) -> Listed {
    let mut listed = Listed::default();
    for key in keys
        .iter()
        .filter(|key| key.starts_with(prefix) && key.as_str() > after)
    {
        let rest = &key[prefix.len()..];
        match delimiter.and_then(|d| rest.find(d).map(|at| at + d.len())) {
            None => listed.keys.push(key.clone()),
            Some(end) => {
                let common = key[..prefix.len() + end].to_owned();
                // A marker that is a common prefix itself stands for everything under it.
                if common != after && listed.prefixes.last() != Some(&common) {
                    listed.prefixes.push(common);
                }
            }
        }
    }
    listed
}

fn decode(text: &str) -> String {
    url::form_urlencoded::parse(format!("k={text}").as_bytes())
        .map(|(_, value)| value.into_owned())
        .collect()
}

/// All pages, with the page size given; every page but the last must be full.
async fn v2(client: &Client, prefix: &str, delimiter: Option<&str>, after: &str, size: i32) -> Listed {
    let mut listed = Listed::default();
    let mut token = None;
    loop {
        let page = client
            .list_objects_v2()
            .bucket("tests")
            .prefix(prefix)
            .set_delimiter(delimiter.map(str::to_owned))
            .set_start_after((!after.is_empty()).then(|| after.to_owned()))
            .set_continuation_token(token)
            .max_keys(size)
            .encoding_type(EncodingType::Url)
            .send()
            .await
            .unwrap();
        let count = page.contents().len() + page.common_prefixes().len();
        listed.keys.extend(
            page.contents()
                .iter()
                .filter_map(|object| object.key())
                .map(decode),
        );
        listed.prefixes.extend(
            page.common_prefixes()
                .iter()
                .filter_map(|prefix| prefix.prefix())
                .map(decode),
        );
        assert_eq!(page.key_count(), i32::try_from(count).ok());
        if page.is_truncated() != Some(true) {
            return listed;
        }
        assert_eq!(i32::try_from(count), Ok(size));
        token = page.next_continuation_token;
    }
}

async fn v1(client: &Client, prefix: &str, delimiter: Option<&str>, after: &str, size: i32) -> Listed {
    let mut listed = Listed::default();
    let mut marker = after.to_owned();
    loop {
        let page = client
            .list_objects()
            .bucket("tests")
            .prefix(prefix)
            .set_delimiter(delimiter.map(str::to_owned))
            .marker(&marker)
            .max_keys(size)
            .encoding_type(EncodingType::Url)
            .send()
            .await
            .unwrap();
        listed.keys.extend(
            page.contents()
                .iter()
                .filter_map(|object| object.key())
                .map(decode),
        );
        listed.prefixes.extend(
            page.common_prefixes()
                .iter()
                .filter_map(|prefix| prefix.prefix())
                .map(decode),
        );
        if page.is_truncated() != Some(true) {
            return listed;
        }
        marker = match page.next_marker() {
            Some(marker) => decode(marker),
            None => listed.keys.last().cloned().unwrap(),
        };
    }
}

fn text(longest: usize) -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "a",
        "b",
        "/",
        "//",
        "é",
        "\u{1}",
        "\n",
        "+",
        " ",
        "%41",
        "<&>",
        "\u{d7ff}",
        "\u{ffff}",
        "\u{10ffff}",
        "ab",
    ]);
    vec(part, 0..longest).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn any_listing_is_what_it_is_by_definition(
        keys in btree_set(text(6).prop_filter("a key", |key| !key.is_empty()), 0..40),
        prefix in text(2),
        delimiter in prop::option::of(prop::sample::select(vec!["/", "//", "a", "é", "b/"])),
        after in text(3),
        size in 1..9_i32,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let store = start(DemoStore::empty().with_keys("tests", &keys)).await;
            let client = client(&store);
            let expected = by_definition(&keys, &prefix, delimiter, &after);
            assert_eq!(v2(&client, &prefix, delimiter, &after, size).await, expected, "V2");
            assert_eq!(v1(&client, &prefix, delimiter, &after, size).await, expected, "V1");
        });
    }
}

#[tokio::test]
async fn limits_and_wrong_values() {
    let store = start(DemoStore::empty().with_synthetic("tests", SyntheticKeys::Flat { count: 5000 })).await;
    let client = client(&store);
    let list = || client.list_objects_v2().bucket("tests");
    let page = list().max_keys(99_999).send().await.unwrap();
    assert_eq!(
        (page.contents().len(), page.max_keys(), page.is_truncated()),
        (1000, Some(1000), Some(true))
    );
    let page = list().max_keys(0).send().await.unwrap();
    assert_eq!((page.contents().len(), page.is_truncated()), (0, Some(false)));
    assert_eq!(code(list().max_keys(-1).send().await), "400 InvalidArgument");
    assert_eq!(
        code(list().continuation_token("nonsense").send().await),
        "400 InvalidArgument"
    );
    assert_eq!(
        code(list().encoding_type("utf7".into()).send().await),
        "400 InvalidArgument"
    );
    let page = list()
        .start_after("obj-0000004998")
        .fetch_owner(true)
        .send()
        .await
        .unwrap();
    let object = &page.contents()[0];
    assert_eq!((page.contents().len(), object.key()), (1, Some("obj-0000004999")));
    assert_eq!(object.owner().and_then(|owner| owner.id()), Some("test"));
}

#[tokio::test]
async fn millions_of_keys_are_sought_and_not_walked() {
    let tree = SyntheticKeys::Tree {
        folders: 10_000,
        per_folder: 1000,
    };
    let store = start(DemoStore::empty().with_synthetic("tests", tree)).await;
    let client = client(&store);
    let level = v2(&client, "", Some("/"), "", 1000).await;
    assert_eq!((level.prefixes.len(), level.keys.len()), (10_000, 0));
    assert_eq!(store.requests().of(Operation::ListObjectsV2), 10);
    let last = v2(&client, "", None, "p9999/obj-00997", 1000).await;
    assert_eq!(last.keys, ["p9999/obj-00998", "p9999/obj-00999"]);
    assert_eq!(
        code(client.put_object().bucket("tests").key("x").send().await),
        "405 MethodNotAllowed"
    );
}
