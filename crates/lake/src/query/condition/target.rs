//! What the address of a request says: the `/bucket?list-type=2&prefix=a%2F` of `GET /bucket?list-type=2&prefix=a%2F HTTP/1.1`.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::builder::StringViewBuilder;
use arrow_array::{Array, BooleanArray};
use arrow_schema::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature};
use percent_encoding::percent_decode_str;

use super::functions::{Any, arrays, texts, wrong};

/// What follows the date in the credential of a request that was presigned with version 4: date, region, service, `aws4_request`.
const SCOPE_PARTS: usize = 4;

/// Whether a request was presigned with an access key.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct SignedBy {
    access_key: String,
    signature: Any,
}

impl SignedBy {
    pub(super) fn new(access_key: &str) -> Self {
        Self {
            access_key: access_key.to_owned(),
            signature: Any::default(),
        }
    }
}

impl ScalarUDFImpl for SignedBy {
    fn name(&self) -> &'static str {
        "signed_by"
    }

    fn signature(&self) -> &Signature {
        &self.signature.0
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = arrays(args)?;
        let uris = texts(arrays.first().ok_or_else(wrong)?)?;
        let signed = uris
            .iter()
            .map(|uri| Some(uri.is_some_and(|uri| is_signed_by(uri, &self.access_key))));
        Ok(ColumnarValue::Array(Arc::new(signed.collect::<BooleanArray>())))
    }
}

/// See [`SignedBy`]. Version 4 names the key in `X-Amz-Credential`, version 2 in `AWSAccessKeyId`.
fn is_signed_by(uri: &str, access_key: &str) -> bool {
    parameters(uri).any(|(name, value)| {
        if name.eq_ignore_ascii_case("AWSAccessKeyId") {
            return text_of(value) == access_key;
        }
        name.eq_ignore_ascii_case("X-Amz-Credential")
            && text_of(value)
                .rsplitn(SCOPE_PARTS.saturating_add(1), '/')
                .nth(SCOPE_PARTS)
                == Some(access_key)
    })
}

/// The prefix that a listing asked for.
#[derive(Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct ListedPrefix {
    signature: Any,
}

impl ScalarUDFImpl for ListedPrefix {
    fn name(&self) -> &'static str {
        "listed_prefix"
    }

    fn signature(&self) -> &Signature {
        &self.signature.0
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = arrays(args)?;
        let uris = texts(arrays.first().ok_or_else(wrong)?)?;
        let mut prefixes = StringViewBuilder::with_capacity(uris.len());
        for uri in uris {
            prefixes.append_option(uri.map(listed_prefix));
        }
        Ok(ColumnarValue::Array(Arc::new(prefixes.finish())))
    }
}

/// See [`ListedPrefix`].
fn listed_prefix(uri: &str) -> String {
    let mut found = parameters(uri).filter(|(name, _)| *name == "prefix");
    found.next().map_or_else(String::new, |(_, value)| text_of(value))
}

/// The parameters of a request's address, as they stand there.
fn parameters(uri: &str) -> impl Iterator<Item = (&str, &str)> {
    // Method and version stand around the address; neither holds a space, while a client may send one in between.
    let rest = uri.split_once(' ').map_or(uri, |(_, rest)| rest);
    let target = match rest.rsplit_once(' ') {
        Some((target, version)) if version.starts_with("HTTP/") => target,
        _ => rest,
    };
    let query = target.split_once('?').map_or("", |(_, query)| query);
    query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// A parameter's value: percent-decoded, `+` is a space.
fn text_of(value: &str) -> String {
    let spaced: Cow<'_, str> = match value.contains('+') {
        true => value.replace('+', " ").into(),
        false => value.into(),
    };
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(uri: &str, signed: bool, prefix: &str) {
        assert_eq!(is_signed_by(uri, "AKIA7"), signed, "{uri}");
        assert_eq!(listed_prefix(uri), prefix, "{uri}");
    }

    #[test]
    fn who_signed_and_what_is_listed() {
        check("GET /b?list-type=2&prefix=img%2F HTTP/1.1", false, "img/");
        check("GET /b?prefix=a+b%2B%C3%A9&prefix=c HTTP/1.1", false, "a b+é");
        check("GET /b?list-type=2 HTTP/1.1", false, "");
        check("GET /b", false, "");
        check("-", false, "");
        check(
            "GET /b/k?X-Amz-Credential=AKIA7%2F20261122%2Fnyc3%2Fs3%2Faws4_request&x=1 HTTP/1.1",
            true,
            "",
        );
        check(
            "GET /b/k?x-amz-credential=AKIA7/20261122/nyc3/s3/aws4_request",
            true,
            "",
        );
        check(
            "GET /b/k?X-Amz-Credential=AKIA77%2F20261122%2Fnyc3%2Fs3%2Faws4_request HTTP/1.1",
            false,
            "",
        );
        check(
            "GET /b/k?X-Amz-Credential=x%2FAKIA7%2F20261122%2Fnyc3%2Fs3%2Faws4_request HTTP/1.1",
            false,
            "",
        );
        check("GET /b/k?X-Amz-Credential=AKIA7 HTTP/1.1", false, "");
        check(
            "GET /b/k?AWSAccessKeyId=AKIA7&Expires=1&Signature=x%3D HTTP/1.1",
            true,
            "",
        );
        check("GET /b/k?AWSAccessKeyId=AKIA7 x HTTP/1.1", false, "");
        check("GET /AWSAccessKeyId=AKIA7?y HTTP/1.1", false, "");
        check("GET /b/k?y=AWSAccessKeyId=AKIA7 HTTP/1.1", false, "");
    }
}
