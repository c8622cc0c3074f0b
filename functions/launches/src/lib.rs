//! Campaigns, a step a message.
//!
//! A recipient has an id derived from the campaign and the person and is written in one transaction with the message that
//! goes to them, and a campaign moves on only behind people who were planned. So a worker may die anywhere, and a message may
//! come twice, late or to two workers at once: nobody is forgotten, and nobody is written to twice.

mod attribute;
mod choose;
mod fall_back;
mod go_on;
mod halt;
mod page;
mod planned;
mod reach;
mod remind;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use domain::campaign::{CampaignStep, CampaignWork, PAGE};
use domain::{Caller, Denied};
use runtime::{NotWired, Platform};
use store::{CommitError, NotChosen, QueueError, ReadError, StoreError};

/// A step could not be done; it comes again.
#[derive(Debug, thiserror::Error)]
enum Undone {
    #[error("not a step: {0}")]
    Malformed(serde_json::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Commit(#[from] CommitError),
    #[error(transparent)]
    Queue(#[from] QueueError),
    #[error(transparent)]
    NotWired(#[from] NotWired),
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("its audience cannot be read: {0}")]
    Audience(#[from] NotChosen),
    #[error("somebody changes the same at the same time")]
    Crossed,
}

/// Works through a batch of steps. Those that could not be done come back as failed, for the queue to hand them out
/// again.
pub async fn handle(platform: &Platform, event: SqsEvent) -> SqsBatchResponse {
    handle_in_pages(platform, event, PAGE).await
}

/// [`handle`], with so many people a step at most: tests see many steps with few people.
pub async fn handle_in_pages(platform: &Platform, event: SqsEvent, people_a_step: u32) -> SqsBatchResponse {
    let one = async |body: String| one(platform, &body, people_a_step).await;
    runtime::work_through(event, 1, "a step of a campaign was not done", one).await
}

async fn one(platform: &Platform, body: &str, people_a_step: u32) -> Result<(), Undone> {
    let CampaignStep { organization, work } = serde_json::from_str(body).map_err(Undone::Malformed)?;
    let grant = Caller::system(organization, "launches").own();
    match work {
        CampaignWork::GoOn { campaign } => Box::pin(go_on::go_on(platform, &grant, campaign, people_a_step)).await,
        CampaignWork::Failed { communication } => Box::pin(fall_back::fall_back(platform, &grant, communication)).await,
        CampaignWork::Responded { communication } => attribute::responded(platform, &grant, communication).await,
        CampaignWork::Converted { lead, at } => attribute::converted(platform, &grant, lead, at).await,
    }
}
