//! Certificate and key, read with errors that say what is wrong.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::TlsFiles;

/// Why certificate and key can't be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file can't be read.
    #[error("can't read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The certificate file holds no certificate.
    #[error("`{}` holds no PEM certificate", .0.display())]
    NoCertificate(PathBuf),
    /// The key file holds no private key.
    #[error("`{}` holds no PEM private key", .0.display())]
    NoKey(PathBuf),
    /// The two don't go together, or the key is of a kind that isn't supported.
    #[error("the key in `{}` doesn't go with the certificate in `{}`", key.display(), cert.display())]
    Mismatch {
        /// The certificate's file.
        cert: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// What the TLS library said.
        source: rustls::Error,
    },
}

impl TlsError {
    pub(super) fn hint(&self) -> &'static str {
        match self {
            Self::Read { .. } => "check the path in `TLS_CERT` or `TLS_KEY`, and who may read the file",
            Self::NoCertificate(_) => "`TLS_CERT` is the certificate chain, `-----BEGIN CERTIFICATE-----`",
            Self::NoKey(_) => "`TLS_KEY` is the unencrypted private key, `-----BEGIN PRIVATE KEY-----`",
            Self::Mismatch { .. } => {
                "the certificate was made for another key, or the chain's order is wrong"
            }
        }
    }
}

pub(super) fn load(files: &TlsFiles) -> Result<Arc<ServerConfig>, TlsError> {
    let cert_pem = read(&files.cert)?;
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&cert_pem)
        .collect::<Result<_, _>>()
        .map_err(|_| TlsError::NoCertificate(files.cert.clone()))?;
    if chain.is_empty() {
        return Err(TlsError::NoCertificate(files.cert.clone()));
    }
    let key =
        PrivateKeyDer::from_pem_slice(&read(&files.key)?).map_err(|_| TlsError::NoKey(files.key.clone()))?;
    let mismatch = |source| TlsError::Mismatch {
        cert: files.cert.clone(),
        key: files.key.clone(),
        source,
    };
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(mismatch)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(mismatch)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|source| TlsError::Read {
        path: path.to_owned(),
        source,
    })
}
