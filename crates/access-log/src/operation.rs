//! What an operation name means.

use crate::key::KeyEncoding;

/// The operation field of a record, such as `REST.GET.OBJECT`.
///
/// The set is open: stores add operations, so a name is read by its parts and never refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation<'a>(pub(crate) &'a [u8]);

/// The kind of request an operation counts as, in the words of the CloudWatch request metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Category {
    /// An object, its part or its properties were read.
    Get,
    /// An object or a part was written or copied.
    Put,
    /// Objects or unfinished uploads were deleted, one or many at once.
    Delete,
    /// Something was asked for its headers.
    Head,
    /// A form upload, an upload begun or completed, a query over an object.
    Post,
    /// Keys, versions, uploads or parts were listed.
    List,
    /// Any other request: bucket configuration, preflight, what is not known yet.
    Other,
    /// No request of a client: a lifecycle action, one key of a multi-object delete, the source half of a copy.
    Internal,
}

impl Category {
    /// Every category.
    pub const ALL: [Self; 8] = [
        Self::Get,
        Self::Put,
        Self::Delete,
        Self::Head,
        Self::Post,
        Self::List,
        Self::Other,
        Self::Internal,
    ];

    /// The word for it in columns and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Put => "put",
            Self::Delete => "delete",
            Self::Head => "head",
            Self::Post => "post",
            Self::List => "list",
            Self::Other => "other",
            Self::Internal => "internal",
        }
    }
}

/// What every operation begins with, and nothing else in the left part of a line does.
const FAMILIES: [&[u8]; 5] = [b"REST.", b"WEBSITE.", b"BATCH.", b"S3.", b"SOAP."];

impl<'a> Operation<'a> {
    /// The token as an operation, if it looks like one.
    #[inline]
    pub fn new(token: &'a [u8]) -> Option<Self> {
        let looks_like_one = matches!(token.first(), Some(b'R' | b'W' | b'B' | b'S'))
            && FAMILIES
                .iter()
                .any(|family| token.strip_prefix(*family).is_some_and(|name| !name.is_empty()));
        looks_like_one.then_some(Self(token))
    }

    /// The name as logged.
    pub fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// Whether a client made this request, so that it counts in request metrics and lists of clients.
    pub fn is_request(self) -> bool {
        let source_of_copy = self.0.starts_with(b"REST.COPY.") && self.0.ends_with(b"_GET");
        !(self.0.starts_with(b"S3.") || self.0.starts_with(b"BATCH.") || source_of_copy)
    }

    /// The HTTP method the name speaks of: `COPY` is a `PUT`, Backblaze's `S3_GET_OBJECT` a `GET`.
    pub fn method(self) -> Option<&'a str> {
        if !self.is_request() {
            return None;
        }
        let word = self.verb_and_noun()?.0;
        match word {
            b"COPY" => Some("PUT"),
            b"LIST" => Some("GET"),
            b"GET" | b"PUT" | b"HEAD" | b"POST" | b"DELETE" | b"OPTIONS" => std::str::from_utf8(word).ok(),
            _ => None,
        }
    }

    /// What it counts as.
    pub fn category(self) -> Category {
        if !self.is_request() {
            return Category::Internal;
        }
        let Some((verb, noun)) = self.verb_and_noun() else {
            return Category::Other;
        };
        let of_object = noun.starts_with(b"OBJECT") || noun == b"PART";
        match (verb, noun) {
            (b"HEAD", _) => Category::Head,
            // Backblaze's `S3_LIST_OBJECTS`.
            (b"LIST", _) => Category::List,
            (b"GET", b"BUCKET" | b"BUCKETVERSIONS" | b"UPLOADS" | b"UPLOAD") => Category::List,
            (b"GET", _) if of_object => Category::Get,
            (b"PUT" | b"COPY", _) if of_object => Category::Put,
            (b"POST", b"MULTI_OBJECT_DELETE" | b"DELETE_MULTI_OBJECT") => Category::Delete,
            (b"DELETE", b"UPLOAD") => Category::Delete,
            (b"DELETE", _) if of_object => Category::Delete,
            (b"POST", _) => Category::Post,
            _ => Category::Other,
        }
    }

    /// How AWS writes the key of this operation.
    pub fn key_encoding(self) -> KeyEncoding {
        if self.0.starts_with(b"REST.") || self.0.starts_with(b"WEBSITE.") {
            KeyEncoding::Twice
        } else {
            KeyEncoding::Once
        }
    }

    /// `GET` and `OBJECT` of `REST.GET.OBJECT`, and of `REST.S3_GET_OBJECT`.
    fn verb_and_noun(self) -> Option<(&'a [u8], &'a [u8])> {
        let (_, name) = crate::scan::split_once(self.0, b'.')?;
        match name.strip_prefix(b"S3_") {
            Some(name) => crate::scan::split_once(name, b'_'),
            None => crate::scan::split_once(name, b'.'),
        }
    }
}
