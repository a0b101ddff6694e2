import { grpc } from '@action-gateway/client/grpc';

/** What the scenes use where the packages for gRPC are installed beside the client. */
export const transport = grpc();
