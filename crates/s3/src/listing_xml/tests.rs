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
    check("<ListBucketResult/>", expect!["truncated None"]);
    check(
        "<s3:ListBucketResult></s3:ListBucketResult>",
        expect!["truncated None"],
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
