-- atomicModifyIORef from many threads loses nothing; the lazy one may keep a thunk that throws.
module Main (main) where

import Control.Concurrent
import Control.Exception
import Control.Monad
import Data.IORef

main :: IO ()
main = do
  r <- newIORef (0 :: Int)
  dones <- forM [1 .. 20] $ \k -> do
    d <- newEmptyMVar
    _ <- forkIO (forM_ [1 .. 200 :: Int] (\i -> atomicModifyIORef' r (\n -> (n + k, ())) >> when (i `mod` 16 == 0) yield) >> putMVar d ())
    return d
  mapM_ takeMVar dones
  readIORef r >>= print
  l <- newIORef (1 :: Int)
  atomicModifyIORef l (\_ -> (error "in the thunk", ()))
  e <- try (readIORef l >>= evaluate)
  putStrLn (either (\(ErrorCall m) -> "later: " ++ m) show e)
  s <- newIORef (1 :: Int)
  e2 <- try (atomicModifyIORef' s (\_ -> (error "at once", ())))
  putStrLn (either (\(ErrorCall m) -> "now: " ++ m) show e2)
  atomicWriteIORef s 5
  readIORef s >>= print
