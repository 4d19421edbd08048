-- The main thread waits for ever: the collector finds it, its message is on stderr, status 1.
module Main (main) where

import Control.Concurrent

main :: IO ()
main = do
  putStrLn "waiting"
  a <- newEmptyMVar :: IO (MVar ())
  b <- newEmptyMVar :: IO (MVar ())
  _ <- forkIO (takeMVar a >> putMVar b ())
  takeMVar b
  putMVar a ()
