//! ListObjects and ListObjectsV2 answers, written straight into one buffer: this is what benchmarks read.

use std::borrow::Cow;

use crate::civil::write_time;
use crate::listing::PageSink;
use crate::world::Facts;

/// How keys are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum KeyStyle {
    /// Text with character references, as AWS does; control characters make `&#x1;`.
    #[default]
    Xml,
    /// `encoding-type=url`.
    Url,
    /// As Ceph's gateway may answer: control characters as they are, which is no valid XML.
    Raw,
}

/// The entries of a page as XML.
#[derive(Debug)]
pub(crate) struct PageXml {
    style: KeyStyle,
    owner: Option<String>,
    objects: Vec<u8>,
    prefixes: Vec<u8>,
}

impl PageXml {
    /// `owner`: the id to be told with each object, if any.
    pub(crate) fn new(style: KeyStyle, owner: Option<&str>) -> Self {
        Self {
            style,
            owner: owner.map(|id| format!("<Owner><ID>{id}</ID><DisplayName>{id}</DisplayName></Owner>")),
            objects: Vec::with_capacity(256 * 1024),
            prefixes: Vec::new(),
        }
    }

    /// The whole document; `head` holds the elements that stand before the entries.
    pub(crate) fn finish(self, head: &Head) -> Vec<u8> {
        let mut out = Vec::with_capacity(head.0.len() + self.objects.len() + self.prefixes.len() + 256);
        out.extend_from_slice(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        out.extend_from_slice(b"<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
        out.extend_from_slice(&head.0);
        out.extend_from_slice(&self.objects);
        out.extend_from_slice(&self.prefixes);
        out.extend_from_slice(b"</ListBucketResult>");
        out
    }
}

impl PageSink for PageXml {
    fn object(&mut self, key: &str, facts: &Facts) {
        let out = &mut self.objects;
        out.extend_from_slice(b"<Contents><Key>");
        write_key(out, key, self.style);
        out.extend_from_slice(b"</Key><LastModified>");
        write_time(out, facts.modified);
        out.extend_from_slice(b"</LastModified><ETag>&quot;");
        facts.etag.write(out);
        out.extend_from_slice(b"&quot;</ETag><Size>");
        out.extend_from_slice(facts.size.to_string().as_bytes());
        out.extend_from_slice(b"</Size>");
        if let Some(owner) = &self.owner {
            out.extend_from_slice(owner.as_bytes());
        }
        out.extend_from_slice(b"<StorageClass>");
        out.extend_from_slice(facts.storage_class.as_bytes());
        out.extend_from_slice(b"</StorageClass></Contents>");
    }

    fn common_prefix(&mut self, prefix: &str) {
        self.prefixes.extend_from_slice(b"<CommonPrefixes><Prefix>");
        write_key(&mut self.prefixes, prefix, self.style);
        self.prefixes.extend_from_slice(b"</Prefix></CommonPrefixes>");
    }
}

/// The elements before the entries.
#[derive(Debug, Default)]
pub(crate) struct Head(Vec<u8>);

impl Head {
    pub(crate) fn element(&mut self, name: &str, text: &str, style: KeyStyle) {
        self.0.push(b'<');
        self.0.extend_from_slice(name.as_bytes());
        self.0.push(b'>');
        write_key(&mut self.0, text, style);
        self.0.extend_from_slice(b"</");
        self.0.extend_from_slice(name.as_bytes());
        self.0.push(b'>');
    }

    pub(crate) fn number(&mut self, name: &str, number: usize) {
        self.element(name, &number.to_string(), KeyStyle::Xml);
    }
}

fn write_key(out: &mut Vec<u8>, text: &str, style: KeyStyle) {
    if style == KeyStyle::Url {
        write_url(out, text);
        return;
    }
    for byte in text.bytes() {
        match byte {
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            b'"' => out.extend_from_slice(b"&quot;"),
            0..=31 | 127 if style == KeyStyle::Xml => {
                out.extend_from_slice(format!("&#x{byte:x};").as_bytes());
            }
            _ => out.push(byte),
        }
    }
}

/// As AWS encodes with `encoding-type=url`: a space is `+`, a slash stays.
fn write_url(out: &mut Vec<u8>, text: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' | b'/' => out.push(byte),
            b' ' => out.push(b'+'),
            _ => {
                let escape = [b'%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
                out.extend_from_slice(&escape);
            }
        }
    }
}

/// Text as `encoding-type=url` wants it, or as it is.
pub(crate) fn encoded(text: &str, style: KeyStyle) -> Cow<'_, str> {
    if style != KeyStyle::Url {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len() + 16);
    write_url(&mut out, text);
    Cow::Owned(String::from_utf8(out).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(text: &str, style: KeyStyle, expected: Expect) {
        let mut out = Vec::new();
        write_key(&mut out, text, style);
        expected.assert_eq(&String::from_utf8(out).unwrap());
    }

    #[test]
    fn keys() {
        check(
            "a/b c+d*~é\u{1}",
            KeyStyle::Url,
            expect!["a/b+c%2Bd*%7E%C3%A9%01"],
        );
        check(
            "<a & \"b\">\r\u{1}",
            KeyStyle::Xml,
            expect!["&lt;a &amp; &quot;b&quot;&gt;&#xd;&#x1;"],
        );
        check("a<\u{1}", KeyStyle::Raw, expect!["a&lt;\u{1}"]);
    }
}
