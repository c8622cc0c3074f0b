//! An organization's free settings, as the admissions product keeps them.

pub(crate) mod list;
pub(crate) mod update;

use domain::SystemSettings;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// One setting.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Setting {
    category: String,
    key: String,
    /// Anything of up to 4,096 bytes as JSON; `null` where there is none.
    value: Value,
}

/// Settings, in the order in which they were first set.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SettingList {
    settings: Vec<Setting>,
}

impl SettingList {
    fn of(settings: SystemSettings, category: Option<&str>) -> Self {
        let wanted = settings.values.into_iter().filter(|(name, _)| category.is_none_or(|category| category == name));
        let settings = wanted
            .flat_map(|(category, entries)| {
                entries.into_iter().map(move |(key, value)| Setting { category: category.clone(), key, value })
            })
            .collect();
        Self { settings }
    }
}
