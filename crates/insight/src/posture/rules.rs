//! What of a bucket's settings is unsafe. A setting that couldn't be seen is never held against a bucket.

mod access;
mod care;

use spacewatch_s3::{Document, Probe, Sent, StoreError};

use super::SettingName;
use super::visit::Visit;
use crate::finding::{self, Finding, SettingProof, Severity};
use crate::{Figure, Tenant};

/// Most of a document that stands in a finding; the answer's settings hold the rest.
const SHOWN: usize = 4 << 10;

/// What should be known of a bucket.
pub(super) fn findings(tenant: &Tenant, visit: &Visit) -> Vec<Finding> {
    let mut found = access::findings(visit);
    found.extend(care::findings(visit, store_encrypts(tenant)));
    found
}

/// Whether the store is known to encrypt all that it keeps, whatever the setting.
fn store_encrypts(tenant: &Tenant) -> bool {
    let host = tenant.store.endpoint().host();
    [".digitaloceanspaces.com", ".amazonaws.com"]
        .iter()
        .any(|provider| host.ends_with(provider))
}

/// What is said about a rule that was broken.
struct Words {
    rule: &'static str,
    severity: Severity,
    title: String,
    why: &'static str,
    advice: &'static str,
}

fn finding(visit: &Visit, words: Words, setting: Option<SettingProof>, figures: Vec<Figure>) -> Finding {
    Finding {
        id: finding::id(words.rule, Some(&visit.bucket), None),
        rule: words.rule.to_owned(),
        severity: words.severity,
        bucket: Some(visit.bucket.clone()),
        subject: None,
        title: words.title,
        why: words.why.to_owned(),
        advice: words.advice.to_owned(),
        first_seen: None,
        last_seen: None,
        figures,
        parts: Vec::new(),
        proofs: Vec::new(),
        setting,
        suppressed: None,
    }
}

/// The setting as the store sent it.
fn proof<T>(name: SettingName, told: &Result<Probe<Sent<T>>, StoreError>) -> Option<SettingProof> {
    let Ok(Probe::Configured(Sent { document, .. })) = told else {
        return None;
    };
    Some(shown(name, document))
}

fn shown(name: SettingName, document: &Document) -> SettingProof {
    let end = document.text.floor_char_boundary(SHOWN);
    SettingProof {
        name: name.as_str().to_owned(),
        document: document.text.get(..end).unwrap_or_default().to_owned(),
        truncated: document.truncated || end < document.text.len(),
    }
}
