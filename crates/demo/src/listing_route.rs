//! ListObjects and ListObjectsV2, answered beside `s3s`' own serialiser: it takes several times as long for a page
//! and can't write what Ceph's gateway writes. Signatures are still checked by `s3s` before.

use std::sync::Arc;

use http::{Extensions, HeaderMap, HeaderValue, Method, Uri};
use s3s::route::S3Route;
use s3s::{Body, S3Request, S3Response, S3Result, s3_error};

use crate::access::authorize;
use crate::faults::{ListingFault, Plan};
use crate::listing::{PageEnd, Query, walk};
use crate::listing_xml::{Head, KeyStyle, PageXml};
use crate::operation::{Operation, Target};
use crate::request_log::Notes;
use crate::shared::Shared;

const MOST_KEYS: usize = 1000;

pub(crate) struct Listings(pub(crate) Arc<Shared>);

#[async_trait::async_trait]
impl S3Route for Listings {
    fn is_match(&self, _: &Method, _: &Uri, _: &HeaderMap, extensions: &mut Extensions) -> bool {
        extensions.get::<Target>().is_some_and(|target| {
            matches!(
                target.operation,
                Operation::ListObjects | Operation::ListObjectsV2
            )
        })
    }

    async fn check_access(&self, request: &mut S3Request<Body>) -> S3Result<()> {
        let access_key = request
            .credentials
            .as_ref()
            .map(|credentials| credentials.access_key.as_str());
        if let (Some(notes), Some(key)) = (request.extensions.get::<Arc<Notes>>(), access_key) {
            notes.signed_by(key);
        }
        let target = request.extensions.get::<Target>();
        let operation = target.map_or(Operation::Other, |target| target.operation);
        let bucket = target.and_then(|target| target.bucket.as_deref());
        authorize(&self.0.read(), access_key, operation, bucket)
    }

    async fn call(&self, request: S3Request<Body>) -> S3Result<S3Response<Body>> {
        let target = request
            .extensions
            .get::<Target>()
            .ok_or_else(|| s3_error!(InternalError))?;
        let bucket = target.bucket.as_deref().unwrap_or_default();
        let fault = request
            .extensions
            .get::<Plan>()
            .map(|plan| plan.listing)
            .unwrap_or_default();
        let asked = Asked::parse(target.operation, request.uri.query().unwrap_or(""), fault)?;
        let xml = self.page(bucket, &asked, fault)?;
        let mut headers = HeaderMap::new();
        headers.insert(
            http::header::CONTENT_TYPE,
            HeaderValue::from_static("application/xml"),
        );
        Ok(S3Response::with_headers(Body::from(xml), headers))
    }
}

/// The parameters of a request.
#[derive(Debug, Default)]
struct Asked {
    v2: bool,
    prefix: String,
    delimiter: Option<String>,
    /// `marker` or `start-after`.
    after: Option<String>,
    token: Option<String>,
    max_keys: Option<usize>,
    url: bool,
    owner: bool,
}

impl Asked {
    fn parse(operation: Operation, query: &str, fault: ListingFault) -> S3Result<Self> {
        let v2 = operation == Operation::ListObjectsV2;
        let mut asked = Self {
            v2,
            owner: !v2,
            ..Self::default()
        };
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match (name.as_ref(), v2) {
                ("prefix", _) => asked.prefix = value.into_owned(),
                ("delimiter", _) => {
                    asked.delimiter = Some(value.into_owned()).filter(|text| !text.is_empty())
                }
                ("marker", false) | ("start-after", true) => asked.after = Some(value.into_owned()),
                ("continuation-token", true) => asked.token = Some(value.into_owned()),
                ("max-keys", _) => asked.max_keys = Some(max_keys(&value)?),
                ("fetch-owner", true) => asked.owner = value == "true",
                ("encoding-type", _) if value == "url" => asked.url = !fault.raw,
                ("encoding-type", _) if !value.is_empty() => {
                    return Err(s3_error!(
                        InvalidArgument,
                        "Invalid Encoding Method specified in Request"
                    ));
                }
                _ => {}
            }
        }
        Ok(asked)
    }

    fn style(&self, fault: ListingFault) -> KeyStyle {
        match (fault.raw, self.url) {
            (true, _) => KeyStyle::Raw,
            (false, true) => KeyStyle::Url,
            (false, false) => KeyStyle::Xml,
        }
    }
}

fn max_keys(text: &str) -> S3Result<usize> {
    text.parse().map_err(|_| {
        s3_error!(
            InvalidArgument,
            "Provided max-keys not an integer or within integer range"
        )
    })
}

impl Listings {
    fn page(&self, bucket: &str, asked: &Asked, fault: ListingFault) -> S3Result<Vec<u8>> {
        let from_token = match &asked.token {
            Some(token) if fault.raw => Some(token.clone()),
            Some(token) => Some(read_token(token)?),
            None => None,
        };
        let after = from_token.as_deref().or(asked.after.as_deref()).unwrap_or("");
        let max_keys = asked.max_keys.unwrap_or(MOST_KEYS).min(MOST_KEYS);
        let query = Query {
            prefix: &asked.prefix,
            delimiter: asked.delimiter.as_deref(),
            after,
            max_keys: fault.keep.map_or(max_keys, |keep| keep.min(max_keys)),
        };
        let world = self.0.read();
        let found = world.buckets.get(bucket).ok_or_else(|| s3_error!(NoSuchBucket))?;
        let owner = world.tenants.get(found.owner).filter(|_| asked.owner);
        let owner = owner.map(|name| crate::backend::owner_id(name));
        let mut page = PageXml::new(asked.style(fault), owner.as_deref());
        let mut end = walk(found, &query, &mut page);
        drop(world);
        end.truncated &= !fault.lies;
        Ok(page.finish(&head(bucket, asked, max_keys, &end, asked.style(fault))))
    }
}

fn head(bucket: &str, asked: &Asked, max_keys: usize, end: &PageEnd, style: KeyStyle) -> Head {
    let mut head = Head::default();
    head.element("Name", bucket, KeyStyle::Xml);
    head.element("Prefix", &asked.prefix, style);
    if let Some(delimiter) = &asked.delimiter {
        head.element("Delimiter", delimiter, style);
    }
    head.number("MaxKeys", max_keys);
    if asked.url {
        head.element("EncodingType", "url", KeyStyle::Xml);
    }
    head.element(
        "IsTruncated",
        if end.truncated { "true" } else { "false" },
        KeyStyle::Xml,
    );
    if asked.v2 {
        head.number("KeyCount", end.count);
        if let Some(after) = &asked.after {
            head.element("StartAfter", after, style);
        }
        if let Some(token) = &asked.token {
            head.element("ContinuationToken", token, style);
        }
        if end.truncated {
            let raw = style == KeyStyle::Raw;
            let token = if raw {
                end.last.clone()
            } else {
                write_token(&end.last)
            };
            head.element("NextContinuationToken", &token, style);
        }
    } else {
        head.element("Marker", asked.after.as_deref().unwrap_or(""), style);
        // AWS tells the next marker only where the last key would not do: with a delimiter.
        if end.truncated && asked.delimiter.is_some() {
            head.element("NextMarker", &end.last, style);
        }
    }
    head
}

/// Tokens are opaque: a client that looks into them is wrong.
fn write_token(last: &str) -> String {
    last.bytes().fold("1-".to_owned(), |token, byte| {
        token + &format!("{:02x}", byte ^ 0x55)
    })
}

fn read_token(token: &str) -> S3Result<String> {
    let invalid = || s3_error!(InvalidArgument, "The continuation token provided is incorrect");
    let digits = token.strip_prefix("1-").ok_or_else(invalid)?.as_bytes();
    let bytes = digits.chunks(2).map(|pair| {
        let text = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(text, 16).ok().map(|byte| byte ^ 0x55)
    });
    let bytes = bytes.collect::<Option<Vec<u8>>>().ok_or_else(invalid)?;
    String::from_utf8(bytes).map_err(|_| invalid())
}
