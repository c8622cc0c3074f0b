//! A page's forms and what people filled into them: `GET /{page-id}/leadgen_forms` and `GET /{form-id}/leads`, by
//! <https://developers.facebook.com/docs/marketing-api/guides/lead-ads/retrieving#bulk-read>, a page of a list at a time.

use domain::integration::MetaId;
use jiff::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::json;

use super::paging::{Told, query};
use super::{Graph, LeadAnswer, MAX_ANSWERS, is_id, meaning, passes};
use crate::SendError;
use crate::api::Answer;
use crate::graph::failure;

/// Forms in one answer.
const FORMS: usize = 50;
/// People's answers in one answer, so that it is no longer than one may be, whatever they wrote.
const FILLED: usize = 25;

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphPage<T> {
    /// What is on it.
    pub data: Vec<T>,
    /// Meta's place behind it, where there is more.
    pub next: Option<String>,
}

/// A form that somebody filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilledForm {
    /// Meta's id of it.
    pub id: String,
    /// The form.
    pub form: String,
    /// The ad, where it came by one.
    pub ad: Option<String>,
    /// When.
    pub at: Timestamp,
    /// The answers, in the form's order.
    pub answers: Vec<LeadAnswer>,
}

#[derive(Deserialize)]
struct ToldForm {
    id: MetaId,
}

#[derive(Deserialize)]
struct ToldFilled {
    id: String,
    ad_id: Option<String>,
    created_time: CreatedTime,
    #[serde(default)]
    field_data: Vec<LeadAnswer>,
}

/// A time as Meta writes it, `2015-02-28T08:49:14+0000`.
struct CreatedTime(Timestamp);

impl<'de> Deserialize<'de> for CreatedTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Timestamp::strptime("%Y-%m-%dT%H:%M:%S%z", text).map(Self).map_err(D::Error::custom)
    }
}

impl Graph {
    /// The forms of a page, 50 at a time: 1 `GET`.
    pub async fn forms(&self, page: &MetaId, after: Option<&str>) -> Result<GraphPage<MetaId>, SendError> {
        let url = format!("{}/{}/leadgen_forms?{}", self.base, page.as_str(), query("id", FORMS, after, &[]));
        let (data, next) = self.list::<ToldForm>(page.as_str(), &url, FORMS).await?;
        Ok(GraphPage { data: data.into_iter().map(|form| form.id).collect(), next })
    }

    /// What people filled into a form since a moment, 25 of them at a time: 1 `GET`.
    pub async fn filled(
        &self,
        form: &MetaId,
        since: Timestamp,
        after: Option<&str>,
    ) -> Result<GraphPage<FilledForm>, SendError> {
        let form = form.as_str();
        // Behind the second before it.
        let since = since.as_second() - 1;
        let filter = json!([{"field": "time_created", "operator": "GREATER_THAN", "value": since}]).to_string();
        let query = query("id,created_time,ad_id,field_data", FILLED, after, &[("filtering", &filter)]);
        let url = format!("{}/{form}/leads?{query}", self.base);
        let (data, next) = self.list::<ToldFilled>(form, &url, FILLED).await?;
        let filled = data.into_iter().map(|told| read(form, told)).collect::<Option<Vec<_>>>();
        let data = filled.ok_or_else(|| SendError::not_taken("Facebook told of a lead that is none".to_owned()))?;
        Ok(GraphPage { data, next })
    }

    async fn list<T: for<'de> Deserialize<'de>>(
        &self,
        id: &str,
        url: &str,
        most: usize,
    ) -> Result<(Vec<T>, Option<String>), SendError> {
        listed(&self.api.get("Facebook", id, url, ("authorization", &self.authorization)).await?, most)
    }
}

/// What an answer means.
fn listed<T: for<'de> Deserialize<'de>>(answer: &Answer, most: usize) -> Result<(Vec<T>, Option<String>), SendError> {
    if !answer.is_success() {
        return Err(failure("Facebook", answer, passes, meaning));
    }
    let (data, next) = answer.json::<Told<T>>().map(Told::parts)?;
    if data.len() > most {
        return Err(answer.not_taken("Facebook told more than it was asked for".to_owned()));
    }
    Ok((data, next))
}

fn read(form: &str, told: ToldFilled) -> Option<FilledForm> {
    let ToldFilled { id, ad_id: ad, created_time: CreatedTime(at), field_data: answers } = told;
    let is_one = is_id(&id) && answers.len() <= MAX_ANSWERS;
    is_one.then(|| FilledForm { id, form: form.to_owned(), ad: ad.filter(|ad| is_id(ad) && ad != "0"), at, answers })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::api::tests::answer;

    fn filled(status: u16, body: &str) -> Result<(Vec<ToldFilled>, Option<String>), SendError> {
        listed(&answer(status, body), FILLED)
    }

    /// The example that Meta documents.
    #[test]
    fn the_documented_answer_reads() {
        let body = r#"{"data": [{"created_time": "2018-02-28T08:49:14+0000", "id": "444", "ad_id": "555", "form_id": "666",
            "field_data": [{"name": "car_make", "values": ["Honda"]}, {"name": "full_name", "values": ["Joe Example"]}]}],
            "paging": {"cursors": {"before": "OTc2Nz0M", "after": "OTcNz0M"}, "next": "https://graph.facebook.com/v24.0/666/leads"}}"#;
        let (data, next) = filled(200, body).expect("it reads");
        let one = read("666", data.into_iter().next().expect("one")).expect("a lead");
        assert_eq!((one.id.as_str(), one.ad.as_deref(), one.answers.len()), ("444", Some("555"), 2));
        assert_eq!(one.at.to_string(), "2018-02-28T08:49:14Z");
        assert_eq!(next.as_deref(), Some("OTcNz0M"));
        let last = body.replace("\"next\"", "\"previous\"");
        assert_eq!(filled(200, &last).expect("it reads").1, None);
    }

    #[test]
    fn what_does_not_read_is_asked_for_again() {
        let many = json!({"data": vec![json!({"id": "1", "created_time": "2018-02-28T08:49:14+0000"}); FILLED + 1]});
        for body in ["{}", "<html>", r#"{"data": [{"id": "1", "created_time": "yesterday"}]}"#, &many.to_string()] {
            let told = filled(200, body);
            assert!(matches!(told, Err(SendError::NotTaken { .. } | SendError::Unknown(_))), "{body}");
        }
        assert!(matches!(filled(400, r#"{"error": {"code": 190}}"#), Err(SendError::NotTaken { .. })));
        assert!(matches!(filled(400, r#"{"error": {"code": 100}}"#), Err(SendError::Refused(_))));
    }

    proptest! {
        #[test]
        fn no_answer_breaks_it(status in 100_u16..600, body in ".{0,200}", time in ".{0,40}") {
            let _ = filled(status, &body);
            let body = json!({"data": [{"id": "1", "created_time": time}]}).to_string();
            let _ = filled(200, &body);
        }
    }
}
