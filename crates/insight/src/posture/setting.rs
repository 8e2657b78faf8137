//! One setting of a bucket, as it is told.

use serde::Serialize;
use spacewatch_s3::{
    Acl, CorsRule, Grantee, LifecycleRule, ObjectLock, Probe, PublicAccessBlock, Sent, StoreError, Versioning,
};
use utoipa::ToSchema;

use super::visit::{InLog, PublicListing, Visit, is_unset};

/// A setting of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Setting {
    /// Which one.
    pub name: SettingName,
    /// What is known of it.
    pub state: SettingState,
    /// The same in words.
    pub detail: String,
    /// What the store sent. It is data: whoever wrote the setting wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// The store sent more than is shown.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub document_truncated: bool,
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident = $text:literal),* $(,)?) => {
        /// Which setting.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
        pub enum SettingName {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
        }

        impl SettingName {
            /// Its name, as answers write it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

names! {
    /// Where its access log goes.
    Logging = "logging",
    /// Whether it keeps versions.
    Versioning = "versioning",
    /// What is deleted or moved by itself.
    Lifecycle = "lifecycle",
    /// Who may do what.
    Policy = "policy",
    /// Whether the store itself calls the policy public.
    PolicyStatus = "policy_status",
    /// Who may do what, in the older way.
    Acl = "acl",
    /// Whether somebody without keys is shown what it holds.
    PublicListing = "public_listing",
    /// Which pages of other sites may use it.
    Cors = "cors",
    /// How new objects are encrypted.
    Encryption = "encryption",
    /// Whether objects can be kept from being deleted.
    ObjectLock = "object_lock",
    /// What holds back policies and lists that open it to everybody.
    PublicAccessBlock = "public_access_block",
    /// Who owns what others write.
    Ownership = "ownership",
}

/// What is known of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SettingState {
    /// It is set.
    Set,
    /// It is not set.
    NotSet,
    /// These keys may not see it (403). It may be on or off.
    NotAllowed,
    /// The store has no such setting.
    NotSupported,
    /// The store's answer proves nothing.
    Unclear,
    /// There was no answer.
    Failed,
}

impl SettingState {
    /// The words for it, as people are told.
    pub fn words(self) -> &'static str {
        match self {
            Self::Set => "set",
            Self::NotSet => "not set",
            Self::NotAllowed => "not allowed to see",
            Self::NotSupported => "not supported by this store",
            Self::Unclear => "unclear",
            Self::Failed => "no answer",
        }
    }
}

/// The settings of a bucket, in the order in which people ask for them.
pub(super) fn of(visit: &Visit) -> Vec<Setting> {
    let told = &visit.settings;
    let list = |texts: &Vec<String>| texts.join(", ");
    vec![
        logging(visit),
        setting(SettingName::Versioning, &told.versioning, |versioning| {
            match versioning {
                Versioning::Enabled => "every version is kept",
                Versioning::Suspended => "suspended: new versions are not kept",
            }
            .to_owned()
        }),
        setting(SettingName::Lifecycle, &told.lifecycle, |rules| lifecycle(rules)),
        policy(visit),
        setting(SettingName::PolicyStatus, &told.policy_status, |public| {
            let word = if *public { "public" } else { "not public" };
            format!("the store calls the policy {word}")
        }),
        setting(SettingName::Acl, &told.acl, acl),
        public_listing(visit),
        setting(SettingName::Cors, &told.cors, |rules| cors(rules)),
        setting(SettingName::Encryption, &told.encryption, list),
        setting(SettingName::ObjectLock, &told.object_lock, object_lock),
        setting(SettingName::PublicAccessBlock, &told.public_access_block, block),
        setting(SettingName::Ownership, &told.ownership, list),
    ]
}

fn plain(name: SettingName, state: SettingState, detail: impl Into<String>) -> Setting {
    Setting {
        name,
        state,
        detail: detail.into(),
        document: None,
        document_truncated: false,
    }
}

fn setting<T>(
    name: SettingName,
    told: &Result<Probe<Sent<T>>, StoreError>,
    words: impl FnOnce(&T) -> String,
) -> Setting {
    let without = |state: SettingState| plain(name, state, state.words());
    match told {
        Ok(Probe::Configured(sent)) => Setting {
            document: Some(sent.document.text.clone()),
            document_truncated: sent.document.truncated,
            ..plain(name, SettingState::Set, words(&sent.value))
        },
        Ok(Probe::NotConfigured) => without(SettingState::NotSet),
        Ok(Probe::NotAllowed) => without(SettingState::NotAllowed),
        Ok(Probe::NotSupported) => without(SettingState::NotSupported),
        Ok(Probe::UnexpectedAnswer(found)) => plain(
            name,
            SettingState::NotSupported,
            format!("not supported by this store: it answered with `{found}`"),
        ),
        Err(error) => plain(name, SettingState::Failed, error.to_string()),
    }
}

fn logging(visit: &Visit) -> Setting {
    let name = SettingName::Logging;
    let told = &visit.settings.logging;
    let seen = "the store tells of no log, but the access log holds requests to this bucket";
    let unread =
        "the store tells of no log, and the access log that could tell otherwise is not read in full";
    let made_up = "the store tells of no log, but it answers settings that it doesn't know with something else, so that proves \
                   nothing";
    match is_unset(told) {
        true if visit.in_log == InLog::Seen => plain(name, SettingState::Unclear, seen),
        true if visit.in_log == InLog::Unread => plain(name, SettingState::Unclear, unread),
        true if !visit.is_unlogged() => plain(name, SettingState::Unclear, made_up),
        _ => setting(name, told, |target| {
            format!("to `{}` under `{}`", target.bucket, target.prefix)
        }),
    }
}

fn lifecycle(rules: &[LifecycleRule]) -> String {
    let words = rules.iter().map(|rule| {
        let on = if rule.enabled { "" } else { "off: " };
        let some = if rule.filtered { " (some)" } else { "" };
        format!("{on}`{}*`{some}: {}", rule.prefix, rule.actions.join(", "))
    });
    words.collect::<Vec<_>>().join("; ")
}

fn policy(visit: &Visit) -> Setting {
    setting(SettingName::Policy, &visit.settings.policy, |_| {
        match &visit.policy {
            Some(Ok(policy)) => {
                let mut words = match policy.statements {
                    1 => "1 statement".to_owned(),
                    many => format!("{many} statements"),
                };
                if policy.everyone.is_any() {
                    words += &format!("; everybody may {}", policy.everyone.words());
                }
                let some = [
                    (policy.claimed, "whoever claims to"),
                    (policy.confined, "some places, accounts or organizations"),
                    (policy.conditional, "everybody under conditions"),
                ];
                for (reach, who) in some.into_iter().filter(|(reach, _)| reach.is_any()) {
                    words += &format!("; {who} may {}", reach.words());
                }
                if policy.unclear > 0 {
                    words += &format!("; {} could not be understood", policy.unclear);
                }
                words
            }
            Some(Err(error)) => format!("can't be read: {error}"),
            None => SettingState::Unclear.words().to_owned(),
        }
    })
}

fn acl(acl: &Acl) -> String {
    let words = acl.grants.iter().map(|grant| {
        let who = match &grant.grantee {
            Grantee::Everyone => "everybody",
            Grantee::AnyAccount => "anybody with an account",
            Grantee::Named(name) if Some(name) == acl.owner.as_ref() => "the owner",
            Grantee::Named(name) => name,
        };
        format!("{who}: {}", grant.permission)
    });
    words.collect::<Vec<_>>().join(", ")
}

fn public_listing(visit: &Visit) -> Setting {
    let name = SettingName::PublicListing;
    match &visit.listing {
        PublicListing::Open => plain(
            name,
            SettingState::Set,
            "asked without keys, the store lists the bucket",
        ),
        PublicListing::Refused => plain(
            name,
            SettingState::NotSet,
            "asked without keys, the store refuses",
        ),
        PublicListing::Differs => plain(
            name,
            SettingState::Unclear,
            "asked without keys, the store shows an empty list; these keys are shown objects",
        ),
        PublicListing::Failed(error) => plain(name, SettingState::Failed, error.to_string()),
    }
}

fn cors(rules: &[CorsRule]) -> String {
    let words = rules
        .iter()
        .map(|rule| format!("{} from {}", rule.methods.join(" "), rule.origins.join(" ")));
    words.collect::<Vec<_>>().join("; ")
}

fn object_lock(lock: &ObjectLock) -> String {
    let retention = lock.default_retention.as_deref();
    match (lock.enabled, retention) {
        (true, Some(retention)) => format!("on, {retention}"),
        (true, None) => "on, without a default retention".to_owned(),
        (false, _) => "off".to_owned(),
    }
}

fn block(block: &PublicAccessBlock) -> String {
    let words = [
        (block.block_acls, "refuses public ACLs"),
        (block.ignore_acls, "ignores public ACLs"),
        (block.block_policy, "refuses public policies"),
        (block.restrict_buckets, "restricts public policies"),
    ];
    let on: Vec<_> = words
        .into_iter()
        .filter_map(|(on, what)| on.then_some(what))
        .collect();
    if on.is_empty() {
        "blocks nothing".to_owned()
    } else {
        on.join(", ")
    }
}
