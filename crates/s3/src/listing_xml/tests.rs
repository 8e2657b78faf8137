use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

fn check(body: &str, expected: Expect) {
    let shown = match parse(body.as_bytes()) {
        Ok(page) => {
            let mut lines: Vec<String> = page
                .objects
                .iter()
                .map(|o| format!("{:?} {} {:?}\n", o.key, o.size, o.etag))
                .collect();
            lines.extend(page.common_prefixes.iter().map(|prefix| format!("{prefix:?}/\n")));
            lines.push(format!("truncated {:?}", page.truncated));
            lines.concat()
        }
        Err(error) => format!("error: {error}"),
    };
    expected.assert_eq(&shown);
}

#[test]
fn pages() {
    check(
        "<?xml version=\"1.0\"?><!-- <x> --><ListBucketResult xmlns=\"http://x/>\"><Name>b</Name><IsTruncated>true</IsTruncated>\
         <Contents><Key>a&amp;b &lt;&#x1;&#13;</Key><Size>5</Size><ETag>&quot;e&quot;</ETag><Owner><ID>1</ID></Owner><Tag/></Contents>\
         <Contents><Key>b\u{1}\r\n+%</Key><LastModified>yesterday</LastModified><Size>1</Size></Contents>\
         <CommonPrefixes><Prefix>c/</Prefix></CommonPrefixes></ListBucketResult>",
        expect![[r#"
            "a&b <\u{1}\r" 5 B Some("e")
            "b\u{1}\r\n+%" 1 B None
            "c/"/
            truncated Some(true)"#]],
    );
    check(
        "<s3:ListBucketResult><IsTruncated>false</IsTruncated></s3:ListBucketResult>",
        expect!["truncated Some(false)"],
    );
    check(
        "<ListBucketResult><Contents><Key>a<!-- c --><![CDATA[<&>]]>&amp;</Key><Size>1</Size></Contents></ListBucketResult>",
        expect![[r#"
            "a<&>&" 1 B None
            truncated None"#]],
    );
}

#[test]
fn encoded_keys() {
    check(
        "<ListBucketResult><Contents><Key>a+b%2Bc%20%F0%9F%98%80%01</Key><Size>1</Size></Contents>\
         <EncodingType>url</EncodingType></ListBucketResult>",
        expect![[r#"
            "a b+c 😀\u{1}" 1 B None
            truncated None"#]],
    );
    // Who writes `%20` and never `%2B` means a plus sign by `+`.
    check(
        "<ListBucketResult><Contents><Key>a+b</Key><Size>1</Size></Contents><Contents><Key>a%20b</Key><Size>1</Size></Contents>\
         <EncodingType>url</EncodingType></ListBucketResult>",
        expect![[r#"
            "a+b" 1 B None
            "a b" 1 B None
            truncated None"#]],
    );
    // Said, but not done.
    check(
        "<ListBucketResult><Contents><Key>a%20b+c</Key><Size>1</Size></Contents><Contents><Key>é %</Key><Size>1</Size></Contents>\
         <EncodingType>url</EncodingType></ListBucketResult>",
        expect![[r#"
            "a%20b+c" 1 B None
            "é %" 1 B None
            truncated None"#]],
    );
    for bad in ["%", "%1", "%zz", "%+1", "%ff", "%00"] {
        check(
            &format!(
                "<ListBucketResult><EncodingType>url</EncodingType><Contents><Key>{bad}</Key><Size>1</Size></Contents>\
                 </ListBucketResult>"
            ),
            expect!["error: the page holds a key that is none"],
        );
    }
}

#[test]
fn tokens() {
    for (token, expected) in [("a%20%2B", "a +"), ("1+/aZ==", "1+/aZ=="), ("%zz", "%zz")] {
        let body = format!(
            "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>\
             <NextContinuationToken>{token}</NextContinuationToken></ListBucketResult>"
        );
        assert_eq!(
            parse(body.as_bytes()).expect("a page").token.as_deref(),
            Some(expected)
        );
    }
}

#[test]
fn no_pages() {
    check("", expect!["error: the page breaks off"]);
    check(
        "<ListBucketResult><Contents><Key>a",
        expect!["error: the page breaks off"],
    );
    check(
        "<ListBucketResult><Contents><Key>a</Key><Size>1</Size></Contents>",
        expect!["error: the page breaks off"],
    );
    check(
        "<ListBucketResult/>",
        expect!["error: the page is malformed near `IsTruncated`"],
    );
    check(
        "<ListBucketResult></ListBucketResult>",
        expect!["error: the page is malformed near `IsTruncated`"],
    );
    check(
        "<ListBucketResult><IsTruncated>false</IsTruncated></Other>",
        expect!["error: the page is malformed near `a closing tag`"],
    );
    check(
        "<html><body>hello",
        expect!["error: the page is not a listing but `html`"],
    );
    check(
        "<ListBucketResult><Contents></Contents></ListBucketResult>",
        expect!["error: the page holds a key that is none"],
    );
    check(
        "<ListBucketResult><Contents><Key>a</Key><Size>-1</Size></Contents></ListBucketResult>",
        expect!["error: the page is malformed near `Size`"],
    );
    check(
        "<ListBucketResult><Contents><Key>&bogus;</Key></Contents></ListBucketResult>",
        expect!["error: the page is malformed near `a reference`"],
    );
    check(
        "<ListBucketResult><a><b></a></b></ListBucketResult>",
        expect!["error: the page is malformed near `a closing tag`"],
    );
}

#[test]
fn pages_that_hold_less_than_they_say() {
    let page = |count: u32| {
        format!(
            "<ListBucketResult><KeyCount>{count}</KeyCount><IsTruncated>false</IsTruncated>\
             <Contents><Key>a</Key><Size>1</Size></Contents>\
             <CommonPrefixes><Prefix>b/</Prefix></CommonPrefixes></ListBucketResult>"
        )
    };
    // Keys alone, or keys and prefixes: both are usual.
    for count in [1, 2] {
        assert!(parse(page(count).as_bytes()).is_ok());
    }
    check(
        &page(3),
        expect!["error: the page says that it holds 3 entries, but holds 2"],
    );
}

#[test]
fn hostile_pages_cost_little() {
    // Quotes that never close, and a great many ends: once round for each would take minutes.
    let body = format!("<ListBucketResult a=\"{}", ">".repeat(4 << 20));
    check(&body, expect!["error: the page breaks off"]);
    let many = "<Contents><Key>a</Key><Size>1</Size></Contents>".repeat(MAX_ENTRIES + 1);
    check(
        &format!("<ListBucketResult>{many}</ListBucketResult>"),
        expect!["error: the page holds more than 10000 entries"],
    );
    let long = "x".repeat(MAX_NOTE + 1);
    check(
        &format!(
            "<ListBucketResult><Contents><Key>a</Key><Size>1</Size><ETag>{long}</ETag></Contents></ListBucketResult>"
        ),
        expect![[r#"
            "a" 1 B None
            truncated None"#]],
    );
}

fn escaped(key: &str) -> String {
    key.replace('&', "&amp;").replace('<', "&lt;")
}

proptest! {
    #[test]
    fn any_bytes_are_safe(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&body);
    }

    #[test]
    fn nearly_right_pages_are_safe(parts in proptest::collection::vec(
        proptest::sample::select(vec!["<ListBucketResult>", "</ListBucketResult>", "<Contents>", "</Contents>", "<Key>",
            "</Key>", "<Size>", "</Size>", "1", "&#x", ";", "<", ">", "\"", "<!", "<!--", "-->", "<?", "a", "é"]), 0..30)) {
        let _ = parse(parts.concat().as_bytes());
    }

    #[test]
    fn every_key_comes_back(key in "[^\0]{1,200}") {
        let body = format!(
            "<ListBucketResult><Contents><Key>{}</Key><Size>0</Size></Contents></ListBucketResult>", escaped(&key));
        let page = parse(body.as_bytes()).expect("a page");
        prop_assert_eq!(page.objects.first().expect("an object").key.as_str(), &key);
    }
}
