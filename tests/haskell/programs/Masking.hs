-- mask holds asynchronous exceptions back until a point that is interruptible; the masking
-- state is inherited and restored. Catches exceptions that arrive too early or never.
module Main (main) where

import Control.Concurrent
import Control.Exception
import Control.Monad

main :: IO ()
main = do
  getMaskingState >>= print
  mask_ (getMaskingState >>= print)
  uninterruptibleMask_ (getMaskingState >>= print)
  mask $ \restore -> restore getMaskingState >>= print
  inherited <- newEmptyMVar
  _ <- mask_ (forkIO (getMaskingState >>= putMVar inherited))
  takeMVar inherited >>= print
  _ <- mask_ (forkIOWithUnmask (\u -> u getMaskingState >>= putMVar inherited))
  takeMVar inherited >>= print

  steps <- newMVar (0 :: Int)
  ready <- newEmptyMVar
  done <- newEmptyMVar
  t <- mask_ $ forkIO $ do
    putMVar ready ()
    replicateM_ 50 (modifyMVar_ steps (return . (+ 1)) >> yield)
    r <- try (allowInterrupt >> return "not interrupted")
    putMVar done (either (\e -> "interrupted by " ++ show (e :: AsyncException)) id r)
  takeMVar ready
  _ <- forkIO (killThread t)
  takeMVar done >>= putStrLn
  takeMVar steps >>= print
  r <- try (evaluate (1 `div` (0 :: Int))) `catch` \e -> throwIO (e :: SomeException)
  print (r :: Either ArithException Int)
  getMaskingState >>= print
