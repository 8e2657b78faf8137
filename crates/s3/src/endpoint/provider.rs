//! The providers whose endpoints anybody may name.

use crate::Region;

/// What the one variable label of a provider's host name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Label {
    Region,
    /// An account's own name; the signing region is always this.
    Account(&'static str),
}

/// A family of host names: `before`, exactly one label, `after`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Provider {
    before: &'static str,
    after: &'static str,
    label: Label,
}

const fn region(before: &'static str, after: &'static str) -> Provider {
    Provider {
        before,
        after,
        label: Label::Region,
    }
}

const fn account(before: &'static str, after: &'static str) -> Provider {
    Provider {
        before,
        after,
        label: Label::Account("auto"),
    }
}

pub(super) const DIGITALOCEAN: Provider = region("", ".digitaloceanspaces.com");

const PROVIDERS: &[Provider] = &[
    DIGITALOCEAN,
    region("s3.", ".amazonaws.com"),
    region("s3.dualstack.", ".amazonaws.com"),
    region("s3.", ".amazonaws.com.cn"),
    region("s3.", ".backblazeb2.com"),
    region("s3.", ".wasabisys.com"),
    account("", ".r2.cloudflarestorage.com"),
    account("", ".eu.r2.cloudflarestorage.com"),
    account("", ".fedramp.r2.cloudflarestorage.com"),
    region("", ".linodeobjects.com"),
    region("s3.", ".scw.cloud"),
    region("s3.", ".io.cloud.ovh.net"),
    region("s3.", ".perf.cloud.ovh.net"),
    region("s3.", ".io.cloud.ovh.us"),
    region("", ".your-objectstorage.com"),
    region("", ".vultrobjects.com"),
    region("sos-", ".exo.io"),
];

/// Hosts without a variable part, and the region they sign for.
const FIXED: &[(&str, &str)] = &[
    ("s3.amazonaws.com", "us-east-1"),
    ("s3.wasabisys.com", "us-east-1"),
    ("storage.googleapis.com", "auto"),
];

/// Whether `host` (lower case) is a known provider's, and the region it signs for.
pub(super) fn signing_region(host: &str) -> Option<Region> {
    if let Some((_, region)) = FIXED.iter().find(|(fixed, _)| *fixed == host) {
        return region.parse().ok();
    }
    let (provider, label) = find(host)?;
    match provider.label {
        Label::Region => label.parse().ok(),
        Label::Account(region) => region.parse().ok(),
    }
}

/// The same provider's host in another region, when its host names tell regions apart.
pub(super) fn in_region(host: &str, region: &Region) -> Option<String> {
    find(host)
        .filter(|(provider, _)| provider.label == Label::Region)
        .map(|(p, _)| p.host(region))
}

impl Provider {
    pub(super) fn host(&self, region: &Region) -> String {
        format!("{}{region}{}", self.before, self.after)
    }
}

fn find(host: &str) -> Option<(&'static Provider, &str)> {
    PROVIDERS.iter().find_map(|provider| {
        let label = host.strip_prefix(provider.before)?.strip_suffix(provider.after)?;
        let one_label = !label.is_empty() && !label.contains('.') && !label.starts_with("xn--");
        (one_label && label.parse::<Region>().is_ok()).then_some((provider, label))
    })
}
