//! The configuration: the only place that reads the environment and the configuration files.
//!
//! Flags win over the environment, the environment over `.env`, `.env` over `spacewatch.toml`, and that over
//! the default. Every key stands once, in [`settings`]; the page of the documentation is made from there.

mod dotenv;
mod kind;
mod prices;
mod reference;
mod settings;
mod toml_file;
mod values;

use std::path::{Path, PathBuf};

pub(crate) use dotenv::{Assignment, Dotenv};
pub(crate) use kind::{Kind, LogFormat, LogLevel, RegionLabel, SecretText, WebUrl};
pub(crate) use settings::Configuration;
pub(crate) use values::{ConfigurationError, Flag, Given, Source};

use spacewatch_insight::PriceBook;
use values::Values;

/// A configuration and what there is to say about it.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) configuration: Configuration,
    /// What stores charge.
    pub(crate) prices: PriceBook,
    /// Things that are no errors but that somebody will want to know, such as keys without effect.
    pub(crate) remarks: Vec<String>,
    /// Where each value that is not a default came from.
    pub(crate) given: Vec<Given>,
}

/// Reads the configuration of this process: flags, environment and the files of the working directory.
pub(crate) fn load(flags: Vec<Flag>) -> Result<Loaded, ConfigurationError> {
    load_from(flags, &environment, Path::new("."))
}

/// The configuration of nobody: the defaults alone. The directory holds no configuration file.
pub(crate) fn defaults(directory: &Path) -> Result<Loaded, ConfigurationError> {
    load_from(Vec::new(), &|_| None, directory)
}

fn load_from(
    flags: Vec<Flag>,
    environment: &dyn Fn(&str) -> Option<String>,
    directory: &Path,
) -> Result<Loaded, ConfigurationError> {
    let values = Values::gather(flags, environment, directory)?;
    let configuration = Configuration::read(&values)?;
    configuration.check_pairs()?;
    let prices = prices::read(&configuration)?;
    let given = values.given();
    Ok(Loaded {
        configuration,
        prices,
        remarks: values.into_remarks(),
        given,
    })
}

/// A variable of the environment.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one reader of the environment"
)]
pub(crate) fn environment(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

/// The platform's place for data of programs; below the working directory where there is none, as for services.
fn default_data_directory(environment: &dyn Fn(&str) -> Option<String>) -> PathBuf {
    let given = |name| {
        environment(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let in_home = if cfg!(target_os = "macos") {
        "Library/Application Support"
    } else {
        ".local/share"
    };
    let base = given("XDG_DATA_HOME").or_else(|| given("HOME").map(|home| home.join(in_home)));
    base.map_or_else(
        || PathBuf::from("spacewatch-data"),
        |base| base.join("spacewatch"),
    )
}

impl Configuration {
    /// Where this program keeps what it remembers.
    pub(crate) fn data_directory(&self) -> PathBuf {
        let configured = self.data_dir.clone();
        configured.unwrap_or_else(|| default_data_directory(&environment))
    }

    /// Finds keys that make sense only together.
    fn check_pairs(&self) -> Result<(), ConfigurationError> {
        let lonely = match (&self.tls_cert, &self.tls_key) {
            (Some(_), None) => Some(("TLS_CERT", "TLS_KEY")),
            (None, Some(_)) => Some(("TLS_KEY", "TLS_CERT")),
            _ => None,
        };
        match lonely {
            Some((given, missing)) => Err(ConfigurationError::Lonely { given, missing }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
