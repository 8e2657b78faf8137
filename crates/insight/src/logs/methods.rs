//! What was done to an object, in a word.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What was done: the HTTP method of a request, or what the store did by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Deed {
    /// Read.
    Get,
    /// Asked for its headers.
    Head,
    /// Written.
    Put,
    /// A form upload, an upload begun or completed, a query.
    Post,
    /// Deleted, alone or as one of many.
    Delete,
    /// Copied: both halves of a copy.
    Copy,
    /// Removed by a lifecycle rule.
    Expire,
    /// Moved to another storage class by a lifecycle rule.
    Transition,
    /// A browser's preflight.
    Options,
    /// Anything else.
    Other,
}

/// Each deed with its word and how its operations begin.
const DEEDS: [(Deed, &str, &[&str]); 9] = [
    (
        Deed::Get,
        "GET",
        &[
            "REST.GET.",
            "WEBSITE.GET.",
            "REST.S3_GET_",
            "REST.S3_LIST_",
            "SOAP.GET.",
        ],
    ),
    (
        Deed::Head,
        "HEAD",
        &["REST.HEAD.", "WEBSITE.HEAD.", "REST.S3_HEAD_"],
    ),
    (Deed::Put, "PUT", &["REST.PUT.", "REST.S3_PUT_", "SOAP.PUT."]),
    (
        Deed::Post,
        "POST",
        &["REST.POST.", "WEBSITE.POST.", "REST.S3_POST_", "SOAP.POST."],
    ),
    (
        Deed::Delete,
        "DELETE",
        &["REST.DELETE.", "BATCH.DELETE.", "REST.S3_DELETE_", "SOAP.DELETE."],
    ),
    (Deed::Copy, "COPY", &["REST.COPY.", "REST.S3_COPY_", "SOAP.COPY."]),
    (
        Deed::Expire,
        "EXPIRE",
        &["S3.EXPIRE.", "S3.CREATE.DELETEMARKER", "S3.DELETE."],
    ),
    (Deed::Transition, "TRANSITION", &["S3.TRANSITION"]),
    (Deed::Options, "OPTIONS", &["REST.OPTIONS."]),
];

impl Deed {
    /// What an operation does.
    pub fn of(operation: &str) -> Self {
        let known = DEEDS.iter().find(|(_, _, beginnings)| {
            beginnings
                .iter()
                .any(|beginning| operation.starts_with(beginning))
        });
        known.map_or(Self::Other, |(deed, _, _)| *deed)
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        let known = DEEDS.iter().find(|(deed, _, _)| *deed == self);
        known.map_or("OTHER", |(_, word, _)| *word)
    }

    /// How the operations that do it begin.
    fn beginnings(self) -> &'static [&'static str] {
        let known = DEEDS.iter().find(|(deed, _, _)| *deed == self);
        known.map_or(&[], |(_, _, beginnings)| *beginnings)
    }
}

/// Deeds to look for, separated by commas: `DELETE,EXPIRE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeedList(Vec<Deed>);

impl DeedList {
    /// These ones.
    pub(crate) fn of(deeds: &[Deed]) -> Self {
        Self(deeds.to_vec())
    }

    /// The deeds.
    pub fn deeds(&self) -> &[Deed] {
        &self.0
    }

    /// How the operations that do one of them begin.
    pub(crate) fn operations(&self) -> Vec<String> {
        let beginnings = self.0.iter().flat_map(|deed| deed.beginnings());
        beginnings.map(|&beginning| beginning.to_owned()).collect()
    }
}

impl FromStr for DeedList {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        let mut deeds = Vec::new();
        for word in words {
            let known = DEEDS
                .iter()
                .find(|(_, known, _)| known.eq_ignore_ascii_case(word));
            let (deed, _, _) = known.ok_or_else(|| {
                let all: Vec<_> = DEEDS.iter().map(|(_, word, _)| *word).collect();
                format!(
                    "is {word:?}, expected some of {}, separated by commas",
                    all.join(", ")
                )
            })?;
            if !deeds.contains(deed) {
                deeds.push(*deed);
            }
        }
        if deeds.is_empty() {
            return Err("names nothing".to_owned());
        }
        Ok(Self(deeds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(operation: &str, word: &str) {
        let deed = Deed::of(operation);
        assert_eq!(deed.as_str(), word, "{operation}");
        if deed != Deed::Other {
            let list: DeedList = word.to_lowercase().parse().expect("a word");
            assert!(
                list.operations()
                    .iter()
                    .any(|beginning| operation.starts_with(beginning.as_str()))
            );
        }
    }

    #[test]
    fn operations_and_their_words() {
        check("REST.GET.OBJECT", "GET");
        check("WEBSITE.GET.OBJECT", "GET");
        check("REST.S3_GET_OBJECT", "GET");
        check("REST.HEAD.OBJECT", "HEAD");
        check("REST.PUT.PART", "PUT");
        check("SOAP.PUT.OBJECT", "PUT");
        check("REST.POST.UPLOADS", "POST");
        check("REST.DELETE.OBJECT", "DELETE");
        check("BATCH.DELETE.OBJECT", "DELETE");
        check("REST.COPY.OBJECT", "COPY");
        check("REST.COPY.OBJECT_GET", "COPY");
        check("REST.COPY.PART", "COPY");
        check("S3.EXPIRE.OBJECT", "EXPIRE");
        check("S3.CREATE.DELETEMARKER", "EXPIRE");
        check("S3.DELETE.UPLOAD", "EXPIRE");
        check("S3.TRANSITION.OBJECT", "TRANSITION");
        check("S3.TRANSITION_SIA.OBJECT", "TRANSITION");
        check("REST.OPTIONS.PREFLIGHT", "OPTIONS");
        check("S3.COMPUTE.OBJECT.CHECKSUM", "OTHER");
        check("", "OTHER");
    }

    #[test]
    fn lists_of_words() {
        let list: DeedList = " delete, EXPIRE,delete,".parse().expect("words");
        assert_eq!(list.deeds(), [Deed::Delete, Deed::Expire]);
        assert!(",".parse::<DeedList>().is_err());
        assert!(
            "DELETE,DROP TABLE"
                .parse::<DeedList>()
                .is_err_and(|error| error.contains("DROP TABLE"))
        );
    }
}
