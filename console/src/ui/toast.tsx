import { Toast } from '@base-ui/react/toast';
import type { ReactNode } from 'react';

const toasts = Toast.createToastManager();

/** Says briefly that something was done. */
export function tell(title: string, description?: string): void {
  toasts.add({ title, description });
}

function Shown() {
  const { toasts: list } = Toast.useToastManager();
  return list.map((toast) => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      className="mt-2 rounded-lg border border-line bg-raised px-4 py-3 shadow-lg"
    >
      <Toast.Title className="font-medium" />
      <Toast.Description className="text-sm text-soft" />
    </Toast.Root>
  ));
}

export function Toasts({ children }: { children: ReactNode }) {
  return (
    <Toast.Provider toastManager={toasts} timeout={6_000}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className="fixed right-4 bottom-4 z-50 w-[min(22rem,calc(100vw-2rem))]">
          <Shown />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}
