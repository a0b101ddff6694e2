import type {
  handleUnaryCall,
  sendUnaryData,
  Server,
  ServerUnaryCall,
  UntypedServiceImplementation,
  Metadata,
} from '@grpc/grpc-js';
import { Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { AuditInterceptor, type GrpcCallLike } from '../../journal/audit.interceptor.js';
import { DoorFilter } from '../door.filter.js';
import { Entrance } from '../entrance.js';
import { PACKAGE, SERVICE } from './contract.js';
import { enterGrpc } from './doorkeeper.js';
import { GrpcController } from './grpc.controller.js';

type Handle = (request: never, metadata: Metadata, call: never) => Promise<object>;

/**
 * The unary calls that carry actions, handed to their controller by hand: Nest's pipeline costs more than
 * the rest of the door. What stands in it is called here in its order: the guard's entrance, the
 * interceptor, the handler, the filter. Every other call goes through Nest as usual.
 */
@Injectable()
export class DirectCalls {
  constructor(
    private readonly moduleRef: ModuleRef,
    private readonly entrance: Entrance,
    private readonly audit: AuditInterceptor,
    private readonly filter: DoorFilter,
  ) {}

  /** Puts these handlers in the place of Nest's, when Nest adds our service to the server. */
  static bind(server: Server, find: () => DirectCalls): void {
    const addService = server.addService.bind(server);
    server.addService = (service, implementation) => {
      const isOurs = Object.values(service).some(({ path }) => path.startsWith(OURS));
      addService(service, isOurs ? { ...implementation, ...find().#describe() } : implementation);
    };
  }

  #describe(): UntypedServiceImplementation {
    const controller = this.moduleRef.get(GrpcController);
    return {
      ExecuteAction: this.#answer((...args) => controller.executeAction(...args)),
      BatchExecute: this.#answer((...args) => controller.batchExecute(...args)),
    };
  }

  #answer(handle: Handle): handleUnaryCall<unknown, object> {
    return async (call, callback) => {
      let answer: object;
      try {
        answer = await this.#carryOut(call, handle);
      } catch (error) {
        return refuse(callback, await this.filter.answerGrpc(error, call));
      }
      callback(null, answer);
    };
  }

  #carryOut(call: ServerUnaryCall<unknown, object>, handle: Handle): Promise<object> {
    const { metadata } = call;
    // Read already by the doorkeeper.
    const caller = enterGrpc(this.entrance, metadata);
    this.audit.openGrpcCall(call as unknown as GrpcCallLike, caller);
    return handle(call.request as never, metadata, call as never);
  }
}

const OURS = `/${PACKAGE}.${SERVICE}/`;

function refuse(callback: sendUnaryData<object>, answer: object): void {
  callback(answer as Parameters<sendUnaryData<object>>[0]);
}
