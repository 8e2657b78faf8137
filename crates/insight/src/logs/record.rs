//! How a record stands in an answer.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::Serialize;
use spacewatch_lake::RecordRow;
use spacewatch_model::BucketName;
use utoipa::ToSchema;

use super::Deed;

/// Bytes of a line in a list; `/tools/raw-line` shows it whole.
const MAX_RAW: usize = 16 * 1024;

/// Where a line stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LogPlace {
    /// The log bucket.
    pub bucket: BucketName,
    /// The log object's key.
    pub key: String,
    /// At which byte of it, decompressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// How many bytes long it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
}

/// One record of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LogRecord {
    /// When the request was received.
    #[schema(value_type = String, format = DateTime)]
    pub ts: Timestamp,
    /// The client's address; `-` for what the store did by itself.
    pub ip: String,
    /// The HTTP method, or what the store did: `DELETE` for one object of a batch, `EXPIRE`, `TRANSITION`, `COPY`.
    pub method: String,
    /// The HTTP status; 0 where the log has none.
    pub status: u16,
    /// Bytes sent; 0 where the log has none.
    pub bytes_sent: u64,
    /// The operation: `REST.GET.OBJECT`.
    pub operation: String,
    /// The bucket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// The key, decoded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The object's version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// Method, target and version of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_uri: Option<String>,
    /// Who asked; absent is anonymous.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requester: Option<String>,
    /// The request's id, which all lines of one multi-object delete share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The store's error code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// The object's size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object_size: Option<u64>,
    /// Milliseconds in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_ms: Option<u64>,
    /// Milliseconds until the first byte of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turnaround_ms: Option<u64>,
    /// The page that led here, as the client says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referer: Option<String>,
    /// The client, as it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// How the request was signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature_version: Option<String>,
    /// Where the signature stood.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_type: Option<String>,
    /// The host asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The TLS version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_version: Option<String>,
    /// The line can be split in more than one way: a client forged the seam between referer and user agent.
    pub ambiguous: bool,
    /// Where the line stands.
    pub log_object: LogPlace,
    /// The line; bytes that are no UTF-8 are replaced.
    pub raw: String,
    /// The line in Base64, where it is no UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw_base64: Option<String>,
    /// `raw` is only the line's beginning; `/tools/raw-line` shows it whole.
    pub raw_truncated: bool,
}

impl LogRecord {
    /// A row as an answer shows it, with the method in the words of the HTTP request.
    pub(crate) fn of(row: RecordRow, log_bucket: &BucketName) -> Self {
        let method = match &row.method {
            Some(method) => method.clone(),
            None => Deed::of(&row.operation).as_str().to_owned(),
        };
        Self::with_method(row, log_bucket, method)
    }

    /// A row as an answer shows it, with what was done to the object.
    pub(crate) fn with_deed(row: RecordRow, log_bucket: &BucketName) -> Self {
        let deed = Deed::of(&row.operation).as_str().to_owned();
        Self::with_method(row, log_bucket, deed)
    }

    fn with_method(row: RecordRow, log_bucket: &BucketName, method: String) -> Self {
        let shown = beginning(&row.line);
        let raw_truncated = shown.len() < row.line.len();
        let raw = RawText::of(shown);
        Self {
            ts: row.time,
            ip: row.remote_ip.unwrap_or_else(|| "-".to_owned()),
            method,
            status: row.status.unwrap_or_default(),
            bytes_sent: row.bytes_sent.unwrap_or_default(),
            operation: row.operation,
            bucket: row.bucket,
            key: row.key,
            version_id: row.version_id,
            request_uri: row.request_uri,
            requester: row.requester,
            request_id: row.request_id,
            error_code: row.error_code,
            object_size: row.object_size,
            total_ms: row.total_ms,
            turnaround_ms: row.turnaround_ms,
            referer: row.referer,
            user_agent: row.user_agent,
            signature_version: row.signature_version,
            auth_type: row.auth_type,
            host: row.host,
            tls_version: row.tls_version,
            ambiguous: row.ambiguous,
            log_object: LogPlace {
                bucket: log_bucket.clone(),
                key: row.log_object,
                offset: Some(row.log_offset),
                length: Some(row.log_length),
            },
            raw: raw.text,
            raw_base64: raw.base64,
            raw_truncated,
        }
    }
}

/// As much of a line as a list shows, without the half of a character at its end.
fn beginning(line: &[u8]) -> &[u8] {
    let inside = |at: usize| line.get(at).is_some_and(|byte| byte & 0xC0 == 0x80);
    let end = (MAX_RAW.saturating_sub(3)..=MAX_RAW)
        .rev()
        .find(|&at| !inside(at));
    line.get(..end.unwrap_or(MAX_RAW)).unwrap_or(line)
}

/// Bytes of a line as JSON can hold them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RawText {
    pub(crate) text: String,
    /// The bytes themselves, where they are no UTF-8.
    pub(crate) base64: Option<String>,
}

impl RawText {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self {
                text: text.to_owned(),
                base64: None,
            },
            Err(_) => Self {
                text: String::from_utf8_lossy(bytes).into_owned(),
                base64: Some(STANDARD.encode(bytes)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_come_whole() {
        let plain = RawText::of("été \u{1b}[2J".as_bytes());
        assert_eq!((plain.text.as_str(), plain.base64), ("été \u{1b}[2J", None));
        let long = "é".repeat(MAX_RAW).into_bytes();
        assert_eq!(beginning(&long).len(), MAX_RAW);
        let shifted = [b"a", long.as_slice()].concat();
        assert_eq!(RawText::of(beginning(&shifted)).base64, None);
        assert_eq!(beginning(b"short"), b"short");
        let odd = RawText::of(b"a\xffb");
        assert_eq!(
            (odd.text.as_str(), odd.base64.as_deref()),
            ("a\u{fffd}b", Some("Yf9i"))
        );
    }
}
