//! Which stores a request may name.

mod address;
mod provider;
mod resolver;

use std::fmt;
use std::sync::Arc;

use spacewatch_model::OneLine;
use url::{Host, Url};

use crate::{InvalidRegion, Region};

pub(crate) use address::is_global;
pub(crate) use resolver::{AddressRefused, GuardedResolver};

/// Longest endpoint a request may name: a host name has at most 253 characters.
const MAX_LENGTH: usize = 300;

/// A store that may be called: scheme, host and port, and the region its signatures name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    url: Arc<str>,
    region: Region,
    trusted: bool,
}

impl Endpoint {
    /// An endpoint the operator vouches for: any scheme, port and address.
    pub fn trusted(url: &Url, region: Region) -> Self {
        Self {
            url: origin(url).into(),
            region,
            trusted: true,
        }
    }

    /// Scheme, host and port, without a slash at the end: `https://nyc3.digitaloceanspaces.com`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The host and, where it isn't the scheme's own, the port.
    pub fn host(&self) -> &str {
        self.url.split_once("://").map_or(&*self.url, |(_, host)| host)
    }

    /// The region its signatures name.
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// Whether the operator named it, so that private addresses are fine.
    pub fn is_trusted(&self) -> bool {
        self.trusted
    }

    /// As if a request had named it and the policy let it.
    #[cfg(test)]
    pub(crate) fn untrusted(url: String) -> Self {
        Self {
            url: url.into(),
            region: provider::signing_region("s3.amazonaws.com").expect("a region"),
            trusted: false,
        }
    }

    fn provider(host: &str, region: Region) -> Self {
        Self {
            url: format!("https://{host}").into(),
            region,
            trusted: false,
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.url)
    }
}

/// What the operator says about stores.
#[derive(Debug, Clone)]
pub struct PolicyConfig {
    /// The region when a request names none.
    pub default_region: Region,
    /// The endpoint when a request names none; DigitalOcean's of that region when absent.
    pub default_endpoint: Option<Url>,
    /// More endpoints that requests may name: any scheme, port and address.
    pub allowed: Vec<Url>,
}

/// Decides which store a request's endpoint and region mean, and whether it may be called.
///
/// Anybody may name a known provider's endpoint over `https` on port 443, and nothing else but what
/// the operator configured: otherwise a request could make the server call whatever it likes.
#[derive(Debug, Clone)]
pub struct EndpointPolicy {
    default: Endpoint,
    allowed: Arc<[Url]>,
}

impl EndpointPolicy {
    /// A policy as the operator wants it.
    pub fn new(config: PolicyConfig) -> Self {
        let PolicyConfig {
            default_region,
            default_endpoint,
            mut allowed,
        } = config;
        let default = match &default_endpoint {
            Some(url) => Endpoint::trusted(url, default_region),
            None => Endpoint::provider(&provider::DIGITALOCEAN.host(&default_region), default_region),
        };
        allowed.extend(default_endpoint);
        Self {
            default,
            allowed: allowed.into(),
        }
    }

    /// Where requests go that name nothing.
    pub fn default_endpoint(&self) -> &Endpoint {
        &self.default
    }

    /// The store meant by what a request says about endpoint and region, either of which may be absent.
    pub fn choose(&self, endpoint: Option<&str>, region: Option<&str>) -> Result<Endpoint, EndpointError> {
        let region = region
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .map(str::parse)
            .transpose()?;
        match endpoint.map(str::trim).filter(|text| !text.is_empty()) {
            Some(endpoint) => self.named(endpoint, region),
            None => Ok(region.map_or_else(|| self.default.clone(), |region| self.default_in(region))),
        }
    }

    /// The default provider's endpoint in another region.
    fn default_in(&self, region: Region) -> Endpoint {
        match provider::in_region(self.default.host(), &region) {
            Some(host) if host != self.default.host() => Endpoint::provider(&host, region),
            _ => Endpoint {
                region,
                ..self.default.clone()
            },
        }
    }

    fn named(&self, text: &str, region: Option<Region>) -> Result<Endpoint, EndpointError> {
        let url = parse(text)?;
        if self.allowed.iter().any(|allowed| origin(allowed) == origin(&url)) {
            let region = region
                .or_else(|| provider::signing_region(url.host_str()?))
                .unwrap_or_else(|| self.default.region.clone());
            return Ok(Endpoint::trusted(&url, region));
        }
        let refused = |why| EndpointError::NotAllowed {
            endpoint: origin(&url),
            why,
        };
        let host = match url.host() {
            Some(Host::Domain(host)) => host,
            _ => {
                return Err(refused(
                    "addresses instead of names are only for the operator to allow",
                ));
            }
        };
        let Some(own_region) = provider::signing_region(host) else {
            return Err(refused("it is not the endpoint of a provider known here"));
        };
        if url.scheme() != "https" || url.port().is_some() {
            return Err(refused("a provider is called over https on port 443 only"));
        }
        Ok(Endpoint::provider(host, region.unwrap_or(own_region)))
    }
}

/// Why an endpoint can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// The region isn't one.
    #[error(transparent)]
    Region(#[from] InvalidRegion),
    /// The text is no endpoint.
    #[error("`{}` is no endpoint: {why}", OneLine(endpoint))]
    Malformed {
        /// What was given, cut to a bearable length.
        endpoint: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// It is an endpoint, but this server must not call it.
    #[error("endpoint `{}` is not allowed: {why}", OneLine(endpoint))]
    NotAllowed {
        /// The endpoint.
        endpoint: String,
        /// Why not.
        why: &'static str,
    },
}

impl EndpointError {
    /// What a person can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Region(_) => "a region is a short name like `nyc3` or `eu-central-1`",
            Self::Malformed { .. } => "give scheme and host, like `https://nyc3.digitaloceanspaces.com`",
            Self::NotAllowed { .. } => "the operator can allow it with `ALLOWED_ENDPOINTS`",
        }
    }
}

/// Reads an endpoint strictly: what the URL parser would silently repair or drop is refused, because
/// somebody else may read it differently.
fn parse(text: &str) -> Result<Url, EndpointError> {
    let refused = |why| EndpointError::Malformed {
        endpoint: text.chars().take(100).collect(),
        why,
    };
    if text.len() > MAX_LENGTH {
        return Err(refused("it is too long"));
    }
    let with_scheme = if text.contains("://") {
        text.to_owned()
    } else {
        format!("https://{text}")
    };
    let (_, rest) = with_scheme.split_once("://").unwrap_or_default();
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    if authority.contains('@') {
        return Err(refused("it must not hold a user name or password"));
    }
    if authority.contains(['/', '\\', '?', '#']) {
        return Err(refused("it must not have a path, query or fragment"));
    }
    if !authority
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b))
    {
        return Err(refused(
            "a host name is made of ASCII letters, digits, dashes and dots",
        ));
    }
    let url = Url::parse(&with_scheme).map_err(|_| refused("it doesn't parse"))?;
    let Some(host) = url.host_str().filter(|host| !host.is_empty()) else {
        return Err(refused("it has no host"));
    };
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refused("only http and https can be called"));
    }
    if host.ends_with('.')
        || host
            .split('.')
            .any(|label| label.is_empty() || label.starts_with("xn--"))
    {
        return Err(refused("the host name has an empty or an internationalised part"));
    }
    Ok(url)
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

#[cfg(test)]
mod tests;
