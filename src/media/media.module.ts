import { Module } from '@nestjs/common';
import { JournalModule } from '../journal/journal.module.js';
import { QueueModule } from '../queue/queue.module.js';
import { CONFIG, type Config } from '../config/config.js';
import { ExecutionModule } from '../execution/execution.module.js';
import { SafeguardsModule } from '../safeguards/safeguards.module.js';
import { chooseBackend } from './choose-backend.js';
import { JobRunner } from './job-runner.js';
import { MediaBackend } from './media-backend.js';
import { MediaJobs } from './media-jobs.js';
import { MediaLimits } from './media-limits.js';
import { ClusterModule } from '../cluster/cluster.module.js';

/** Media of YouTube, which is off unless ENABLE_MEDIA says otherwise. */
@Module({
  imports: [ClusterModule, JournalModule, QueueModule, ExecutionModule, SafeguardsModule],
  providers: [
    JobRunner,
    MediaJobs,
    MediaLimits,
    {
      provide: MediaBackend,
      inject: [CONFIG],
      useFactory: (config: Config) => chooseBackend(config),
    },
  ],
  exports: [JobRunner, MediaBackend, MediaJobs, MediaLimits],
})
export class MediaModule {}
