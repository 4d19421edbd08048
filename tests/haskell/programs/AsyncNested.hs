-- A supervisor: children that fail are started again, a failure is linked to the parent, and
-- all are stopped in the end. Exceptions cross threads many times.
module Main (main) where

import Control.Concurrent
import Control.Exception
import Control.Monad

main :: IO ()
main = do
  attempts <- newMVar (0 :: Int)
  result <- newEmptyMVar
  let child = do
        n <- modifyMVar attempts (\a -> return (a + 1, a + 1))
        when (n < 4) (throwIO (ErrorCall ("attempt " ++ show n)))
        return n
      supervise = do
        done <- newEmptyMVar
        _ <- forkFinally child (putMVar done)
        r <- takeMVar done
        case r of
          Left e -> putStrLn ("failed: " ++ show e) >> supervise
          Right n -> putMVar result n
  _ <- forkIO supervise
  takeMVar result >>= print
  me <- myThreadId
  r <- try $ do
    _ <- forkIO (throwIO (userError "linked") `catch` \e -> throwTo me (e :: IOException))
    threadDelay 10000000
  print (r :: Either IOException ())
  counts <- newMVar (0 :: Int)
  ready <- newEmptyMVar
  ended <- newEmptyMVar
  ts <- replicateM 50 (mask $ \u -> forkIO ((putMVar ready () >> u (threadDelay 60000000)) `finally` (modifyMVar_ counts (return . (+ 1)) >> putMVar ended ())))
  replicateM_ 50 (takeMVar ready)
  mapM_ killThread ts
  mapM_ (const (takeMVar ended)) ts
  readMVar counts >>= print
