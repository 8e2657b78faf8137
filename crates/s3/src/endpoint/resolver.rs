//! Names to addresses, once for each connection, and never to an address inside.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use spacewatch_model::OneLine;

use super::is_global;

type Lookup =
    dyn Fn(String) -> futures::future::BoxFuture<'static, std::io::Result<Vec<IpAddr>>> + Send + Sync;

/// Resolves names for connections. The connector connects to exactly the addresses given here and asks
/// no second time, so a name that changes its mind between check and use gains nothing.
#[derive(Clone)]
pub(crate) struct GuardedResolver {
    lookup: Arc<Lookup>,
}

impl GuardedResolver {
    /// Looks names up the way the system does.
    pub(crate) fn system() -> Self {
        Self::with_lookup(|name| {
            Box::pin(async move {
                let found = tokio::net::lookup_host((name, 0)).await?;
                Ok(found.map(|socket| socket.ip()).collect())
            })
        })
    }

    pub(crate) fn with_lookup(
        lookup: impl Fn(String) -> futures::future::BoxFuture<'static, std::io::Result<Vec<IpAddr>>>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self {
            lookup: Arc::new(lookup),
        }
    }
}

impl fmt::Debug for GuardedResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardedResolver").finish_non_exhaustive()
    }
}

impl ResolveDns for GuardedResolver {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move {
            let found = (self.lookup)(name.to_owned())
                .await
                .map_err(ResolveDnsError::new)?;
            let global: Vec<IpAddr> = found
                .iter()
                .copied()
                .filter(|address| is_global(*address))
                .collect();
            match found.first() {
                Some(inside) if global.is_empty() => Err(ResolveDnsError::new(AddressRefused {
                    host: name.to_owned(),
                    address: Some(*inside),
                })),
                _ => Ok(global),
            }
        })
    }
}

/// A host leads to an address that is not on the open Internet.
#[derive(Debug, Clone, thiserror::Error)]
#[error("`{}` leads to {}, which is not a public address", OneLine(.host), .address.map_or_else(|| "an address".to_owned(), |a| format!("`{a}`")))]
pub(crate) struct AddressRefused {
    pub(crate) host: String,
    pub(crate) address: Option<IpAddr>,
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    async fn check(answers: &[&str], expected: Result<&[&str], &str>) {
        let answers: Vec<IpAddr> = answers.iter().map(|a| a.parse().expect("an address")).collect();
        let resolver = GuardedResolver::with_lookup(move |_| {
            let answers = answers.clone();
            Box::pin(async move { Ok(answers) })
        });
        let found = resolver.resolve_dns("nyc3.digitaloceanspaces.com").await;
        match (found, expected) {
            (Ok(found), Ok(expected)) => {
                let found: Vec<String> = found.iter().map(IpAddr::to_string).collect();
                assert_eq!(found, expected);
            }
            (Err(error), Err(expected)) => {
                let source = std::error::Error::source(&error).map(ToString::to_string);
                assert_eq!(source.as_deref(), Some(expected));
            }
            (found, expected) => panic!("{found:?} instead of {expected:?}"),
        }
    }

    #[tokio::test]
    async fn addresses_inside_are_dropped() {
        check(&["1.1.1.1"], Ok(&["1.1.1.1"])).await;
        check(&["10.0.0.1", "1.1.1.1", "::1"], Ok(&["1.1.1.1"])).await;
        check(&[], Ok(&[])).await;
        check(
            &["169.254.169.254"],
            Err("`nyc3.digitaloceanspaces.com` leads to `169.254.169.254`, which is not a public address"),
        )
        .await;
    }

    #[tokio::test]
    async fn a_name_that_changes_its_mind_is_judged_each_time() {
        let answers = Mutex::new(vec!["127.0.0.1", "1.1.1.1"]);
        let resolver = GuardedResolver::with_lookup(move |_| {
            let next = answers.lock().expect("no panic").pop().expect("an answer");
            Box::pin(async move { Ok(vec![next.parse().expect("an address")]) })
        });
        assert!(resolver.resolve_dns("rebind.example").await.is_ok());
        assert!(resolver.resolve_dns("rebind.example").await.is_err());
    }
}
