//! The file with price lists.

use std::fs;

use serde::Deserialize;
use spacewatch_insight::{PriceBook, PriceList};

use super::dotenv::MAX_BYTES;
use super::{Configuration, ConfigurationError};

/// `[[price_list]]`, as often as there are some.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct PricesFile {
    #[serde(default)]
    price_list: Vec<PriceList>,
}

/// What stores charge: what comes with the program, and what the file adds.
pub(super) fn read(configuration: &Configuration) -> Result<PriceBook, ConfigurationError> {
    let usual = &configuration.price_list;
    let Some(path) = &configuration.prices_file else {
        return PriceBook::new(Vec::new(), usual).map_err(|problem| ConfigurationError::Prices {
            place: "PRICE_LIST".to_owned(),
            problem,
        });
    };
    let place = format!("`{}`", path.display());
    let wrong = |problem| ConfigurationError::Prices { place, problem };
    let unreadable = |source| ConfigurationError::Unreadable {
        path: path.clone(),
        source,
    };
    if fs::metadata(path).map_err(unreadable)?.len() > MAX_BYTES {
        return Err(ConfigurationError::TooLarge { path: path.clone() });
    }
    let text = fs::read_to_string(path).map_err(unreadable)?;
    let file = toml::from_str::<PricesFile>(&text);
    let added = match file {
        Ok(file) => file.price_list,
        Err(error) => return Err(wrong(error.to_string().trim_end().to_owned())),
    };
    PriceBook::new(added, usual).map_err(wrong)
}
