//! What a store charges.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What one provider charges for a month, over all buckets of an account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceList {
    /// What it is called, as callers name it.
    pub name: String,
    /// In what money, by its ISO 4217 code.
    #[serde(default = "dollars")]
    pub currency: String,
    /// Bytes of the unit that prices and allowances are in: 2^30 (GiB) or 10^9 (GB).
    #[serde(default)]
    pub unit: Volume,
    /// What a month costs whatever is used, by the hour.
    #[serde(default)]
    pub monthly: f64,
    /// Units stored all month that this covers.
    #[serde(default)]
    pub included_stored: f64,
    /// Units sent to clients in a month that this covers.
    #[serde(default)]
    pub included_egress: f64,
    /// Units that may be sent without charge for each unit stored all month.
    #[serde(default)]
    pub free_egress_per_stored: f64,
    /// For a unit stored all month beyond what is covered.
    #[serde(default)]
    pub stored: Vec<Tier>,
    /// For a unit sent beyond what is covered.
    #[serde(default)]
    pub egress: Vec<Tier>,
    /// For a thousand requests that write or list.
    #[serde(default)]
    pub writes_per_1000: f64,
    /// For a thousand requests that read; deletes are never charged.
    #[serde(default)]
    pub reads_per_1000: f64,
}

/// A price up to an amount.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// Up to so many charged units in all; nothing is without end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<f64>,
    /// For each of them.
    pub price: f64,
}

/// What "a gigabyte" of a price list is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum Volume {
    /// 2^30 bytes.
    #[default]
    GiB,
    /// 10^9 bytes.
    GB,
}

impl Volume {
    /// How many bytes it is.
    pub fn bytes(self) -> f64 {
        match self {
            Self::GiB => 1_073_741_824.0,
            Self::GB => 1e9,
        }
    }

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GiB => "GiB",
            Self::GB => "GB",
        }
    }
}

fn dollars() -> String {
    "USD".to_owned()
}

impl Tier {
    fn flat(price: f64) -> Vec<Self> {
        vec![Self { up_to: None, price }]
    }
}

impl PriceList {
    /// DigitalOcean Spaces, as published in 2026.
    pub fn digitalocean_spaces() -> Self {
        Self {
            name: "digitalocean-spaces".to_owned(),
            currency: dollars(),
            unit: Volume::GiB,
            monthly: 5.0,
            included_stored: 250.0,
            included_egress: 1024.0,
            free_egress_per_stored: 0.0,
            stored: Tier::flat(0.02),
            egress: Tier::flat(0.01),
            writes_per_1000: 0.0,
            reads_per_1000: 0.0,
        }
    }

    /// What so many units cost; the ends of tiers are `scale` times what the list says.
    pub(super) fn charge(tiers: &[Tier], units: f64, scale: f64) -> f64 {
        let mut below = 0.0;
        let mut sum = 0.0;
        for tier in tiers {
            let end = tier.up_to.map_or(f64::INFINITY, |end| end * scale);
            sum += (units.min(end) - below).max(0.0) * tier.price;
            below = end.max(below);
        }
        sum
    }

    /// What another unit costs beyond the first tiers: the price of the tier that `units` are in.
    pub(super) fn price_at(tiers: &[Tier], units: f64) -> f64 {
        let tier = tiers.iter().find(|tier| tier.up_to.is_none_or(|end| units < end));
        tier.or(tiers.last()).map_or(0.0, |tier| tier.price)
    }

    fn check(&self) -> Result<(), String> {
        let numbers = [
            self.monthly,
            self.included_stored,
            self.included_egress,
            self.free_egress_per_stored,
            self.writes_per_1000,
            self.reads_per_1000,
        ];
        let tiers = self.stored.iter().chain(&self.egress);
        let of_tiers = tiers.flat_map(|tier| [tier.price, tier.up_to.unwrap_or(0.0)]);
        if numbers
            .into_iter()
            .chain(of_tiers)
            .any(|number| !number.is_finite() || number < 0.0)
        {
            return Err(format!("`{}` has a price or an amount below zero", self.name));
        }
        for tiers in [&self.stored, &self.egress] {
            let ends: Vec<f64> = tiers
                .iter()
                .map(|tier| tier.up_to.unwrap_or(f64::INFINITY))
                .collect();
            if !ends.is_sorted_by(|a, b| a < b) || ends.last().is_some_and(|end| end.is_finite()) {
                return Err(format!(
                    "the tiers of `{}` must rise, and the last one has no `up_to`",
                    self.name
                ));
            }
        }
        Ok(())
    }
}

/// The price lists that are known, and which one holds unless a caller names another. Cheap to clone.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceBook {
    lists: Arc<[PriceList]>,
    usual: usize,
}

impl Default for PriceBook {
    fn default() -> Self {
        Self {
            lists: Arc::new([PriceList::digitalocean_spaces()]),
            usual: 0,
        }
    }
}

impl PriceBook {
    /// What comes with the program and these lists; one of the same name replaces it. `usual` names the one that holds.
    ///
    /// # Errors
    ///
    /// Says what is wrong with a list, or which names there are when `usual` is none of them.
    pub fn new(added: Vec<PriceList>, usual: &str) -> Result<Self, String> {
        let mut lists = vec![PriceList::digitalocean_spaces()];
        for list in added {
            list.check()?;
            lists.retain(|known| known.name != list.name);
            lists.push(list);
        }
        let mut book = Self {
            lists: lists.into(),
            usual: 0,
        };
        book.usual = book.place(usual)?;
        Ok(book)
    }

    /// The list of that name; the usual one without a name.
    ///
    /// # Errors
    ///
    /// Says which names there are.
    pub fn list(&self, name: Option<&str>) -> Result<&PriceList, String> {
        let place = name.map_or(Ok(self.usual), |name| self.place(name))?;
        self.lists
            .get(place)
            .ok_or_else(|| "there is no price list".to_owned())
    }

    fn place(&self, name: &str) -> Result<usize, String> {
        let found = self.lists.iter().position(|list| list.name == name);
        found.ok_or_else(|| {
            let names: Vec<&str> = self.lists.iter().map(|list| list.name.as_str()).collect();
            format!("there is no price list `{name}`, only {}", names.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tiers() -> Vec<Tier> {
        [(Some(10.0), 3.0), (Some(30.0), 2.0), (None, 1.0)]
            .map(|(up_to, price)| Tier { up_to, price })
            .to_vec()
    }

    fn check(units: f64, scale: f64, cost: f64, next: f64) {
        let found = PriceList::charge(&tiers(), units, scale);
        assert!((found - cost).abs() < 1e-9, "{units} units cost {found}");
        assert!((PriceList::price_at(&tiers(), units) - next).abs() < 1e-9);
    }

    #[test]
    fn tiers_are_charged_one_after_the_other() {
        check(0.0, 1.0, 0.0, 3.0);
        check(4.0, 1.0, 12.0, 3.0);
        check(10.0, 1.0, 30.0, 2.0);
        check(20.0, 1.0, 50.0, 2.0);
        check(100.0, 1.0, 140.0, 1.0);
        check(20.0, 0.5, 15.0 + 20.0 + 5.0, 2.0);
        assert!(PriceList::charge(&[], 5.0, 1.0).abs() < 1e-9);
    }

    #[test]
    fn lists_are_added_and_chosen_by_name() {
        let cheap = PriceList {
            name: "cheap".to_owned(),
            stored: Tier::flat(0.001),
            ..PriceList::digitalocean_spaces()
        };
        let book = PriceBook::new(vec![cheap.clone()], "cheap").unwrap();
        assert_eq!(book.list(None).unwrap(), &cheap);
        assert_eq!(
            book.list(Some("digitalocean-spaces")).unwrap(),
            &PriceList::digitalocean_spaces()
        );
        assert_eq!(
            book.list(Some("dear")).unwrap_err(),
            "there is no price list `dear`, only digitalocean-spaces, cheap"
        );
        assert!(PriceBook::new(Vec::new(), "cheap").is_err());
        let wrong = |change: fn(&mut PriceList)| {
            let mut list = cheap.clone();
            change(&mut list);
            PriceBook::new(vec![list], "digitalocean-spaces").unwrap_err()
        };
        expect_test::expect!["`cheap` has a price or an amount below zero"]
            .assert_eq(&wrong(|list| list.monthly = -1.0));
        expect_test::expect!["the tiers of `cheap` must rise, and the last one has no `up_to`"].assert_eq(
            &wrong(|list| {
                list.egress = vec![Tier {
                    up_to: Some(1.0),
                    price: 1.0,
                }]
            }),
        );
    }
}
