//! The rules by name.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// A rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// Objects read without credentials.
    AnonymousReads,
    /// Requests signed the old way.
    SigV2,
    /// Requests over an old TLS version.
    OldTls,
    /// Requesters seen for the first time.
    NewRequester,
    /// Many refusals, then reads.
    DeniedThenRead,
    /// Many keys tried in vain, or listed.
    Enumeration,
    /// Unusually many keys read in a short time.
    MassDownload,
    /// Presigned links used from many addresses.
    SharedLink,
    /// How near requests come to the store's limits.
    RequestRate,
    /// Reads that clients broke off.
    ClientAborts,
    /// Reads of parts of objects.
    RangeReads,
    /// Times in which the store asked to slow down, or failed.
    SlowDown,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 12] = [
        Self::DeniedThenRead,
        Self::MassDownload,
        Self::Enumeration,
        Self::NewRequester,
        Self::SharedLink,
        Self::SlowDown,
        Self::RequestRate,
        Self::AnonymousReads,
        Self::SigV2,
        Self::OldTls,
        Self::ClientAborts,
        Self::RangeReads,
    ];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AnonymousReads => "anonymous-reads",
            Self::SigV2 => "sigv2",
            Self::OldTls => "old-tls",
            Self::NewRequester => "new-requester",
            Self::DeniedThenRead => "denied-then-read",
            Self::Enumeration => "enumeration",
            Self::MassDownload => "mass-download",
            Self::SharedLink => "shared-link",
            Self::RequestRate => "request-rate",
            Self::ClientAborts => "client-aborts",
            Self::RangeReads => "range-reads",
            Self::SlowDown => "slow-down",
        }
    }

    /// What it looks for.
    pub fn about(self) -> &'static str {
        match self {
            Self::AnonymousReads => "objects read without credentials",
            Self::SigV2 => "requests signed with AWS Signature Version 2",
            Self::OldTls => "requests over SSL or TLS before 1.2",
            Self::NewRequester => "requesters seen for the first time",
            Self::DeniedThenRead => "many refusals, and then successful reads",
            Self::Enumeration => "many keys tried in vain, or a bucket listed again and again",
            Self::MassDownload => "unusually many keys read in a short time",
            Self::SharedLink => "presigned links used from many addresses",
            Self::RequestRate => "how near the busiest second comes to the store's limits",
            Self::ClientAborts => "reads that clients broke off",
            Self::RangeReads => "reads of parts of objects",
            Self::SlowDown => "times in which the store asked to slow down, or failed, far more than usual",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Rules, separated by commas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleList(Vec<Rule>);

impl RuleList {
    /// The rules, each once, in the order of [`Rule::ALL`].
    pub(crate) fn rules(&self) -> Vec<Rule> {
        let named = Rule::ALL.into_iter().filter(|rule| self.0.contains(rule));
        named.collect()
    }
}

impl FromStr for RuleList {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rule = |name: &str| {
            let rule = Rule::ALL.into_iter().find(|rule| rule.as_str() == name);
            rule.ok_or_else(|| {
                let names = Rule::ALL.map(Rule::as_str).join("`, `");
                format!("names {name:?}, expected rules among `{names}`")
            })
        };
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        let rules = names.map(rule).collect::<Result<Vec<_>, _>>()?;
        if rules.is_empty() {
            return Err("names no rule".to_owned());
        }
        Ok(Self(rules))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_by_name() {
        let list: RuleList = "slow-down, denied-then-read,slow-down".parse().expect("rules");
        assert_eq!(list.rules(), [Rule::DeniedThenRead, Rule::SlowDown]);
        assert!(
            Rule::ALL
                .into_iter()
                .all(|rule| rule.as_str().parse::<RuleList>().is_ok())
        );
        let wrong = "slow".parse::<RuleList>().expect_err("no such rule");
        assert!(wrong.contains("`slow-down`"), "{wrong}");
        assert!(" ,".parse::<RuleList>().is_err());
    }
}
